"""Which crops train and which test: persons are divided, not crops."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Crop(NamedTuple):
    """A crop that was written.

    Attributes:
        path: Below the folder of the data set.
        person: Who it shows.
        camera: The camera's name.
        tracklet: The number of the track.
        frame: The number of the frame, as the table of boxes has it.
    """

    path: str
    person: str
    camera: str
    tracklet: int
    frame: int


def divide(crops: Sequence[Crop], test_share: float, seed: int) -> list[str]:
    """Tell the part of each crop: ``train``, ``query`` or ``gallery``.

    Persons that two cameras have seen are drawn for testing; all others train. Of a
    person for testing, in every camera with several tracklets, and in one that is
    drawn, one tracklet is a query; the rest is the gallery, so that every query has a
    right answer in another camera.

    Args:
        crops (Sequence[Crop]): The crops.
        test_share (float): Share of all persons that is for testing; 0: none.
        seed (int): Of the draws.

    Returns:
        list[str]: A part each.

    Raises:
        ValueError: No person was seen by two cameras, or too few for the share.
    """
    if not test_share:
        return ['train'] * len(crops)
    tracklets: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for crop in crops:
        tracklets[crop.person][crop.camera].add(crop.tracklet)
    able = sorted(person for person, seen in tracklets.items() if len(seen) > 1)
    count = round(test_share * len(tracklets))
    if not 0 < count <= len(able):
        raise ValueError(
            f'test_share={test_share:g} of {len(tracklets)} persons is {count}, but '
            f'{len(able)} were seen by two cameras, which a test needs: it looks for a '
            'person in another camera. Tracks of several cameras belong together only '
            "with identities='shared'."
        )
    rng = np.random.default_rng(seed)
    tested = {able[n] for n in rng.permutation(len(able))[:count]}
    queries = set()
    for person in sorted(tested):
        seen = {
            camera: sorted(own) for camera, own in sorted(tracklets[person].items())
        }
        drawn = [*seen][rng.integers(len(seen))]
        for camera, own in seen.items():
            if len(own) > 1 or camera == drawn:
                queries.add((person, camera, own[rng.integers(len(own))]))
    return [
        'train'
        if crop.person not in tested
        else 'query'
        if (crop.person, crop.camera, crop.tracklet) in queries
        else 'gallery'
        for crop in crops
    ]
