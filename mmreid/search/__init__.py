"""Vectors, and what is decided with them: galleries, thresholds, tracklets.

Knows vectors and not the networks that they come from. A ``Gallery`` keeps them in a
file (``store/``) and searches them (``scan/``), a ``MilvusGallery`` beyond one machine
(``milvus/``); ``open_gallery`` finds its kind. ``given.py`` and ``vectors.py`` check
what comes in, ``answering.py`` orders what goes out, for both. Rooms beside:
``decisions/`` (yes, no and unknown at an error rate, and probabilities),
``tracklets/`` (boxes that a tracker has linked, pooled and joined into identities).
"""

from mmreid.search.answers import Answers, Entry
from mmreid.search.base_gallery import BaseGallery
from mmreid.search.copying import copy_gallery
from mmreid.search.decisions import (
    Calibration,
    LabelledPairs,
    OperatingPoint,
    fit_operating_point,
    load_operating_point,
    save_operating_point,
)
from mmreid.search.filters import Filter
from mmreid.search.gallery import Gallery
from mmreid.search.milvus import MilvusGallery
from mmreid.search.opening import create_gallery, open_gallery
from mmreid.search.tracklets import (
    choose_boxes,
    covered_shares,
    join_tracklets,
    pool_tracklets,
    shared_frames,
    split_tracklets,
)

__all__ = [
    'Answers',
    'BaseGallery',
    'Calibration',
    'Entry',
    'Filter',
    'Gallery',
    'LabelledPairs',
    'MilvusGallery',
    'OperatingPoint',
    'choose_boxes',
    'copy_gallery',
    'covered_shares',
    'create_gallery',
    'fit_operating_point',
    'join_tracklets',
    'load_operating_point',
    'open_gallery',
    'pool_tracklets',
    'save_operating_point',
    'shared_frames',
    'split_tracklets',
]
