"""Tracklets: boxes of one camera that a tracker has linked, as vectors.

``choosing.py`` says which boxes of a track are worth a vector, ``pooling.py`` makes one
vector of a track's, ``splitting.py`` cuts tracks that change person inside. The way in
to identities is ``join_tracklets`` (``joining.py``): ``constraints.py`` knows who
cannot be who, ``candidates.py`` finds who may, ``dense.py`` and ``sparse.py`` merge.
"""

from mmreid.search.tracklets.choosing import choose_boxes, covered_shares
from mmreid.search.tracklets.constraints import shared_frames
from mmreid.search.tracklets.joining import LINKAGES, join_tracklets
from mmreid.search.tracklets.pooling import POOLINGS, pool_tracklets
from mmreid.search.tracklets.splitting import split_tracklets

__all__ = [
    'LINKAGES',
    'POOLINGS',
    'choose_boxes',
    'covered_shares',
    'join_tracklets',
    'pool_tracklets',
    'shared_frames',
    'split_tracklets',
]
