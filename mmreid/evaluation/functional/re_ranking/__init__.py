"""Rankings made better by the gallery itself.

``k_reciprocal.py`` (Zhong et al., CVPR 2017), ``query_expansion.py`` and
``centralisation.py`` (Pose2ID's NFC) are the ways in; their options and defaults are in
``options.py``. Below, ``neighbours.py`` finds neighbours exactly, by the bounds and
distances of ``points.py``, ``encoding.py`` makes encodings, sparse rows, of them,
``jaccard.py`` compares these, and ``mixing.py`` mixes that with original distances.
"""
