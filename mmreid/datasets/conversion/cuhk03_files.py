"""CUHK03 as pictures and tables: which files there are, and what they must hold."""

import os
from collections.abc import Mapping
from typing import Any

from mmreid.datasets.records.published_counts import Counts
from mmreid.files import read_json, write_json

BOXES = ('labeled', 'detected')
CUHK03_PROTOCOLS = ('new', 'classic')
NUM_SPLITS = dict(new=1, classic=20)
IDS = 1467
# https://github.com/zhunzhong07/person-re-ranking/tree/master/CUHK03-NP; training,
# queries and gallery of the new protocol are all the pictures there are.
# The class CUHK03_NP of several public baselines has the same numbers; of the classic
# protocol, its publication alone.
IMAGES = dict(labeled=14096, detected=14097)
TRAIN_IMAGES = dict(labeled=7368, detected=7365)
MARKER = 'conversion.json'


def published_counts(boxes: str, protocol: str) -> Counts:
    """Return what each part of a split must hold.

    In the classic protocol the number of pictures differs from split to split; there
    only the sum of training and test is known, ``IMAGES``.

    Args:
        boxes (str): One of ``BOXES``.
        protocol (str): One of ``CUHK03_PROTOCOLS``.
    """
    if protocol == 'classic':
        test = dict(ids=100, cams=2)
        return dict(train=dict(ids=IDS - 100, cams=2), query=test, gallery=test)
    gallery = IMAGES[boxes] - TRAIN_IMAGES[boxes] - 1400
    return dict(
        train=dict(images=TRAIN_IMAGES[boxes], ids=767, cams=2),
        query=dict(images=1400, ids=700, cams=2),
        gallery=dict(images=gallery, ids=700, cams=2),
    )


def images_folder(boxes: str) -> str:
    """Return the name of the folder with the pictures of one kind of boxes.

    Args:
        boxes (str): One of ``BOXES``.
    """
    return f'images_{boxes}'


def table_name(boxes: str, protocol: str, split_index: int = 0) -> str:
    """Return the name of the table that says who is where in a split.

    Args:
        boxes (str): One of ``BOXES``.
        protocol (str): One of ``CUHK03_PROTOCOLS``.
        split_index (int): Which of its splits. Defaults to 0.
    """
    number = f'_{split_index:02d}' if NUM_SPLITS[protocol] > 1 else ''
    return f'{protocol}_{boxes}{number}.csv'


def read_marker(root: str) -> dict[str, Any]:
    """Return what has been converted, by kind of boxes.

    Args:
        root (str): The folder that was converted to.

    Returns:
        dict: ``{boxes: dict(images=..., ids=..., protocols=[...])}``; empty if nothing
        has been finished there.
    """
    try:
        return read_json(os.path.join(root, MARKER))['boxes']
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (ValueError, KeyError, TypeError):
        return {}  # of something else


def write_marker(root: str, done: Mapping[str, Any]) -> None:
    """Note what has been converted; whole or not at all.

    Args:
        root (str): The folder that was converted to.
        done (Mapping[str, Any]): What :func:`read_marker` is to return.
    """
    boxes = {kind: dict(sorted(done[kind].items())) for kind in sorted(done)}
    write_json(os.path.join(root, MARKER), dict(boxes=boxes, dataset='CUHK03'))
