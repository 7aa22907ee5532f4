"""Tables and pictures of followed persons."""

import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from mmreid.apis.follow.places import check_places, table_path
from mmreid.apis.follow.results import CameraResult, Following
from mmreid.apis.follow.sheet import draw_identities
from mmreid.datasets.boxes import write_boxes
from mmreid.datasets.boxes.files import find_format
from mmreid.files import write_rows
from mmreid.visualization.picture_file import write_picture

#: Columns of the table over all cameras.
COLUMNS = (
    'identity',
    'person',
    'camera',
    'track',
    'piece',
    'first_frame',
    'last_frame',
    'start',
    'end',
    'boxes',
    'crop',
)


def write_following(
    following: Following,
    folder: str | os.PathLike,
    *,
    pictures: bool = True,
    persons: dict[int, str] | None = None,
) -> list[Path]:
    """Write what was found.

    ``CAMERA.txt`` (``.csv``, ``.xml`` or a folder, as the table that was given) has the
    boxes as before, with the identity in place of the track; where the format has
    columns of its own, CSV, the track stays as ``track``. ``tracklets.csv`` says of
    each tracklet of all cameras who it is, ``crops`` has a picture of each, and
    ``identities.jpg`` shows them, a row an identity.

    Args:
        following (Following): Of :func:`follow`.
        folder (str | os.PathLike): Where; made if missing.
        pictures (bool): Cut a picture out for each tracklet, for which the frames are
            read again. Defaults to True.
        persons (dict[int, str] | None): Identity -> the person whom a gallery knows.
            Defaults to None.

    Returns:
        list[Path]: What was written, the crops left out.

    Raises:
        OSError: Something cannot be written; the message names it.
        ValueError: It would take the place of what was given, see
            :func:`check_places`.
    """
    root = Path(folder)
    check_places([camera.source.camera for camera in following.cameras], root)
    root.mkdir(parents=True, exist_ok=True)
    written = [_write_camera(camera, root) for camera in following.cameras]
    crops: dict[tuple[str, int], Path] = {}
    if pictures:
        for camera in following.cameras:
            crops |= _write_crops(camera, root)
    table = root / 'tracklets.csv'
    rows = list_tracklets(following, crops, persons or {}, root)
    write_rows(table, COLUMNS, ([row[name] for name in COLUMNS] for row in rows))
    written.append(table)
    if crops:
        sheet = draw_identities(following, crops, persons or {})
        written.append(write_picture(root / 'identities.jpg', sheet, quality=92))
    return written


def list_tracklets(
    following: Following,
    crops: dict[tuple[str, int], Path],
    persons: dict[int, str],
    root: Path,
) -> list[dict[str, object]]:
    """List the tracklets of all cameras, by identity and time.

    Args:
        following (Following): Of :func:`follow`.
        crops (dict[tuple[str, int], Path]): Camera and number of tracklet -> picture.
        persons (dict[int, str]): Identity -> person.
        root (Path): Folder from which crops are named.

    Returns:
        list[dict[str, object]]: With the keys of ``COLUMNS``.
    """
    rows = []
    for camera in following.cameras:
        one = camera.tracklets
        for place, identity in enumerate(camera.identity.tolist()):
            crop = crops.get((camera.name, place))
            rows.append(
                dict(
                    identity=identity,
                    person=persons.get(identity, ''),
                    camera=camera.name,
                    track=int(one.track[place]),
                    piece=int(one.piece[place]),
                    first_frame=int(one.first[place]),
                    last_frame=int(one.last[place]),
                    start=round(float(one.start[place]), 3),
                    end=round(float(one.end[place]), 3),
                    boxes=int(one.boxes[place]),
                    crop='' if crop is None else crop.relative_to(root).as_posix(),
                )
            )
    return sorted(rows, key=lambda row: (row['identity'], row['start'], row['camera']))


def crop_path(folder: Path, camera: CameraResult, number: int) -> Path:
    """Name the picture of a tracklet.

    Args:
        folder (Path): Of results.
        camera (CameraResult): Its camera.
        number (int): Its number there.

    Returns:
        Path: Where it is, if there is one.
    """
    one = camera.tracklets
    name = f'{camera.name}_{one.track[number]:06d}_{one.piece[number]}.jpg'
    return folder / 'crops' / name


def _write_camera(camera: CameraResult, root: Path) -> Path:
    """Write a table as it was given, with identities."""
    format = find_format(os.fspath(camera.source.camera.boxes))
    table = camera.source.table
    extra = dict(table.extra)
    if format == 'csv':
        # A column of that name is of an earlier run, and stays.
        extra.setdefault('track', table.track)
    path = table_path(camera.source.camera, root)
    if format == 'yolo':
        _remove_yolo(path)
    write_boxes(path, replace(table, track=camera.row_identity(), extra=extra), format)
    return path


def _remove_yolo(folder: Path) -> None:
    """Remove the files of an earlier run, and those alone."""
    name = rf'\.?({re.escape(folder.name)}_\d+|classes)(\.\d+\.unfinished)?\.txt'
    for path in (folder / 'labels').glob('*.txt'):
        if re.fullmatch(name, path.name):
            path.unlink()


def _write_crops(camera: CameraResult, folder: Path) -> dict[tuple[str, int], Path]:
    """Write the best box of each tracklet as a picture."""
    one, written = camera.tracklets, {}
    good = np.flatnonzero(one.has_vector)
    part = camera.source.table.select(one.sample[good])
    crops = camera.source.frames.crops(part, on_fault=lambda place, reason: None)
    for place, crop in crops:
        number = int(good[place])
        path = write_picture(crop_path(folder, camera, number), crop)
        written[camera.name, number] = path
    return written
