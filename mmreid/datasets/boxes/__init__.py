"""Boxes of persons in videos: tables in the formats of trackers and annotators, frames.

``read_boxes`` and ``write_boxes`` know MOTChallenge's text, ultralytics' YOLO folders,
CVAT's XML and CSV with a header (the room ``formats``, a file each); all become a
``BoxTable``. ``open_frames`` opens a video or a folder of pictures, whose ``crops`` cut
the boxes out. Knows no network; ``write_crops`` makes a data set of them.
"""

from mmreid.datasets.boxes.box_table import BoxTable
from mmreid.datasets.boxes.crop_choice import CropChoice
from mmreid.datasets.boxes.crop_folder import (
    IDENTITIES,
    Camera,
    CropReport,
    write_crops,
)
from mmreid.datasets.boxes.cutting import clip_box
from mmreid.datasets.boxes.files import FORMATS, read_boxes, write_boxes
from mmreid.datasets.boxes.frames import Frames
from mmreid.datasets.boxes.opening import open_frames, open_with_boxes
from mmreid.datasets.boxes.video import VIDEOS

__all__ = [
    'FORMATS',
    'IDENTITIES',
    'VIDEOS',
    'BoxTable',
    'Camera',
    'CropChoice',
    'CropReport',
    'Frames',
    'clip_box',
    'open_frames',
    'open_with_boxes',
    'read_boxes',
    'write_boxes',
    'write_crops',
]
