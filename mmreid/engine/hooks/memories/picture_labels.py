"""What the records of a training set tell beside its pictures, read once."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class PictureLabels:
    """Persons, cameras and links of all pictures, as far as they are known.

    Attributes:
        persons: Who is to be seen, for the log, ``(N, )``, negative where unknown; None
            where nobody is known.
        cameras: Number of the camera, ``(N, )``; None where the data set does not tell
            them.
        links: ``Links`` of ``mmreid.evaluation.functional``, what tracklets, cameras
            and times tell of who is who; None where nobody asks for it.
    """

    persons: np.ndarray | None
    cameras: np.ndarray | None
    links: Any


def read_picture_labels(dataset: Any, with_links: bool) -> PictureLabels:
    """Read all records, none of the pictures.

    Where a data set for persons numbers the tracklets of each person, as MARS does, two
    persons' are two tracklets; links use nothing else of the persons.

    Args:
        dataset (Any): The training set.
        with_links (bool): Gather links, too.

    Returns:
        PictureLabels: What they tell.

    Raises:
        ValueError: Links are asked for and no picture has a tracklet, or so many are at
            one time that time tells nothing.
    """
    # Below the clusters, whose record would be a copy with another gt_label.
    record = getattr(dataset, 'dataset', dataset).get_data_info
    persons, cameras, tracklets, times = [], [], [], []
    for info in map(record, range(len(dataset))):
        persons.append(info.get('person_id', -1))
        cameras.append(info.get('cam_id'))
        if with_links:
            number = info.get('tracklet_id', -1)
            own = None if number < 0 else (info.get('gt_label', -1), number)
            tracklets.append(own)
            times.append(info.get('time'))
    has_cameras = None not in cameras and dataset.metainfo.get('cameras', True)
    known = np.array(cameras) if has_cameras else None
    return PictureLabels(
        persons=np.array(persons) if max(persons) >= 0 else None,
        cameras=known,
        links=_link(known, tracklets, times) if with_links else None,
    )


def _link(cameras: np.ndarray | None, tracklets: list, times: list) -> Any:
    # Beside ClusterHook no training needs the mathematics of an evaluation.
    from mmreid.evaluation.functional import Links

    if not any(tracklets):
        raise ValueError(
            f'links=True needs tracklet_id in the records, but none of the '
            f'{len(tracklets)} pictures has one; set links=False of the ClusterHook.'
        )
    return Links.from_labels(camera=cameras, tracklet=tracklets, time=times)
