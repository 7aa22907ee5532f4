"""How many pictures, persons and cameras each part has, and who is seldom seen."""

import numpy as np

from mmreid.apis.report.data_set.listed_pictures import ListedPictures, ShownPictures
from mmreid.datasets.records.label_numbers import DISTRACTOR, JUNK
from mmreid.report.data_set.facts import PartNumbers, PersonList


def count_parts(listed: ListedPictures) -> tuple[PartNumbers, ...]:
    """Count the pictures, persons and cameras of each part.

    Args:
        listed (ListedPictures): All pictures.
    """
    return tuple(_count_part(listed, part) for part in dict.fromkeys(listed.part))


def _count_part(listed: ListedPictures, part: str) -> PartNumbers:
    own = listed.part == part
    persons, cameras = listed.person_id[own], listed.cam_id[own]
    ids, pictures = np.unique(persons[persons > 0], return_counts=True)
    order = np.argsort(-pictures, kind='stable')
    pairs = np.unique(np.stack([persons, cameras], axis=1)[persons > 0], axis=0)
    seen_by = np.unique(pairs[:, 0], return_counts=True)[1]
    ids_of_cameras, by_camera = np.unique(cameras, return_counts=True)
    numbers = zip(ids_of_cameras.tolist(), by_camera.tolist(), strict=True)
    return PartNumbers(
        part=part,
        pictures=len(persons),
        persons=len(ids),
        distractors=int((persons == DISTRACTOR).sum()),
        junk=int((persons == JUNK).sum()),
        pictures_by_camera={
            str(camera): number for camera, number in numbers if listed.cameras
        },
        pictures_of_persons=pictures[order],
        cameras_of_persons=seen_by[order] if listed.cameras else seen_by[:0],
    )


def list_seldom(
    listed: ListedPictures, shown: ShownPictures, largest: int
) -> tuple[PersonList, ...]:
    """List persons with one picture, and with several that are all by one camera.

    Queries and gallery count together: a query is one of its person's pictures.

    Args:
        listed (ListedPictures): All pictures.
        shown (ShownPictures): Is given one picture of each.
        largest (int): Number of persons that are shown in a list.
    """
    lists = []
    for trained in (True, False):
        own = np.flatnonzero((listed.trained == trained) & (listed.person_id > 0))
        if not len(own):
            continue
        ids, first, persons, counts = np.unique(
            listed.person_id[own],
            return_index=True,
            return_inverse=True,
            return_counts=True,
        )
        pairs = np.unique(np.stack([persons, listed.cam_id[own]], 1), axis=0)
        cameras = np.bincount(pairs[:, 0], minlength=len(ids))
        part = ', '.join(dict.fromkeys(listed.part[own]))
        kinds = {'one picture': counts == 1}
        if listed.cameras:
            kinds['one camera'] = (counts > 1) & (cameras == 1)
        for kind, chosen in kinds.items():
            which = np.flatnonzero(chosen)
            which = which[np.argsort(-counts[which], kind='stable')][:largest]
            lists.append(
                PersonList(
                    kind=kind,
                    part=part,
                    pictures=shown.add(own[first[which]]),
                    numbers=tuple(counts[which].tolist()),
                    found=int(chosen.sum()),
                )
            )
    return tuple(lists)
