"""Distances of queries to a gallery: fast ones, exact ones, and which decides.

The matrix of all pairs never exists: float32 products are streamed in blocks, their
rounding errors are bounded, and close calls are decided in float64.
``measures.stream_distances`` is the way in, ``counting.count_wrong_answers`` the one
kernel that turns distances into ranks. A new kind of distance is a class in
``measures.py``.
"""
