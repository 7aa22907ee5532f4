"""Distances of queries to a gallery: fast values, exact distances, and which decides.

The matrix of all pairs never exists: float32 products are streamed in blocks, their
rounding errors are bounded, and close calls are decided by exact float64 distances.
``measures.stream_distances`` is the way in, ``wrong_answers.count_wrong_answers`` the
one kernel that turns distances into ranks and decides close calls, by the exact
distances of ``streamed.py``; ``vectors.py`` checks vectors and multiplies them. A new
kind of distance is a class in ``measures.py``. ``pairs.py`` compares two vectors of the
same picture, ``camera_bias.py`` takes out of vectors what they tell of the camera.
"""
