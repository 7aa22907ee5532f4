"""Rankings made better by the gallery itself.

``k_reciprocal.py`` (Zhong et al., CVPR 2017) and ``query_expansion.py`` are the ways
in; their options and defaults are in ``options.py``. What is below finds neighbours
exactly and holds encodings as sparse rows.
"""
