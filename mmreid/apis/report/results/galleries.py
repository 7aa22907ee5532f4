"""The gallery of all models: pictures of several files, each once."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np

from mmreid.evaluation.features.key import below_common_folder
from mmreid.evaluation.functional import Features
from mmreid.report.results import ReportedImages


def _nothing() -> ReportedImages:
    labels = np.empty(0, np.int64)
    return ReportedImages(np.empty(0, '<U1'), labels, labels)


@dataclass
class SharedGallery:
    """The gallery pictures of all models, each once.

    Files may have them in another order, read from another folder, or lack some.
    Pictures are known by their paths, counted from the folder that a gallery shares, or
    by their file names where only these agree. Where a gallery has no paths, or one of
    them twice, it must have the labels of the first in the same order; otherwise its
    pictures are further ones.

    Attributes:
        images: The gallery so far.
    """

    images: ReportedImages = field(default_factory=_nothing)
    _first: ReportedImages | None = None

    def places(self, features: Features) -> np.ndarray:
        """Find the pictures of a file's gallery here; those that are new are added.

        Args:
            features (Features): The file.

        Returns:
            np.ndarray: ``(m,)`` int64, where each picture of its gallery is.
        """
        theirs = images_of(features, ~features.is_query)
        if self._first is None:
            self._first = self.images = theirs
            return np.arange(len(theirs))
        places = _match(self._first, theirs)
        new = places < 0
        places[new] = len(self.images) + np.arange(int(new.sum()))
        columns = (
            np.concatenate([getattr(self.images, name), getattr(theirs, name)[new]])
            for name in ('path', 'person_id', 'cam_id')
        )
        self.images = ReportedImages(*columns)
        return places


def images_of(features: Features, rows: np.ndarray) -> ReportedImages:
    """Take the labels of some pictures.

    Args:
        features (Features): The file.
        rows (np.ndarray): ``(N,)`` bool, or indices.

    Returns:
        ReportedImages: Their cameras are -1 where the data have none.
    """
    cameras = features.cam_id[rows]
    if features.meta.get('cameras') is False:
        cameras = np.full(len(cameras), -1)
    return ReportedImages(features.img_path[rows], features.person_id[rows], cameras)


def _match(first: ReportedImages, other: ReportedImages) -> np.ndarray:
    """Find where the pictures of a gallery are in the first; -1 of further ones."""
    halves = (first, other)
    if all(bool((half.path != '').all()) for half in halves):
        below = [below_common_folder(half.path) for half in halves]
        files = [[PurePosixPath(name).name for name in names] for names in below]
        for names in (below, files):
            unique = all(len({*n}) == len(n) for n in names)
            if unique and {*names[0]} & {*names[1]}:
                place = {name: row for row, name in enumerate(names[0])}
                return np.array([place.get(name, -1) for name in names[1]], np.int64)
    labels = ('person_id', 'cam_id')
    same = all(np.array_equal(*(getattr(h, n) for h in halves)) for n in labels)
    return np.arange(len(other)) if same else np.full(len(other), -1)
