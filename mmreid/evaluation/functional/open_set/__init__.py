"""Whether a query's person is in the gallery at all, and at which threshold.

``identification.py`` asks each query once, ``verification.py`` looks at all pairs;
``operating_threshold.py`` is a threshold with what it was set on.
"""
