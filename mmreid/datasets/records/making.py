"""From rows to records, whose labels are numbers."""

from collections.abc import Mapping, Sequence
from itertools import islice

from mmreid.datasets.reading.file_names import require_utf8
from mmreid.datasets.reading.rows import Row
from mmreid.datasets.records.label_numbers import (
    number_cameras,
    number_clothes,
    number_persons,
    number_tracklets,
)


def make_records(
    parts: Mapping[str, Sequence[Row]], person_offset: int = 0
) -> dict[str, list[dict]]:
    """Turn the rows of a split into records whose labels are numbers.

    Args:
        parts (Mapping[str, Sequence[Row]]): Rows by part of the data set; a number
            means the same in all of them.
        person_offset (int): Added to every number of a person from 0 on.

    Returns:
        dict[str, list[dict]]: Records ``dict(img_path, gt_label, person_id, cam_id,
        is_query)`` by part, ``gt_label`` -1 and ``is_query`` True in parts named
        ``query...``; with ``clothes_id``, different for every person, where clothes
        are known; with ``tracklet_id`` where any is known, -1 in pictures without; with
        ``time`` where the picture's is known.

    Raises:
        ValueError: As :func:`number_persons` and :func:`number_cameras`; or a path is
            not UTF-8.
    """
    rows = [row for part in parts.values() for row in part]
    paths = [row.path for row in rows]
    require_utf8(paths)
    persons = number_persons([row.person for row in rows], person_offset, paths)
    cameras = number_cameras(rows)
    clothes = number_clothes(rows, persons)
    tracklets = number_tracklets(rows)
    records = iter(
        dict(img_path=row.path, gt_label=-1, person_id=person, cam_id=camera)
        | ({} if dress is None else dict(clothes_id=dress))
        | ({} if tracklet is None else dict(tracklet_id=tracklet))
        | ({} if row.time is None else dict(time=row.time))
        for row, person, camera, dress, tracklet in zip(
            rows, persons, cameras, clothes, tracklets, strict=True
        )
    )
    return {
        part: [dict(r, is_query=is_query_part(part)) for r in islice(records, len(own))]
        for part, own in parts.items()
    }


def is_query_part(part: str) -> bool:
    """Return whether the pictures of a part are queries.

    Args:
        part (str): Its name.
    """
    return part.startswith('query')
