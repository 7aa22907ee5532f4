"""Where results go, and where they may not."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from mmreid.apis.follow.cameras import Camera
from mmreid.datasets.boxes.files import find_format

_ENDINGS = dict(mot='.txt', csv='.csv', cvat='.xml', yolo='')
# Of all cameras, in the folder of results.
_SHARED = ('tracklets.csv', 'identities.jpg', 'crops', 'vectors')


def table_path(camera: Camera, folder: Path) -> Path:
    """Name the table of a camera's identities.

    Args:
        camera (Camera): The camera.
        folder (Path): Of results.

    Returns:
        Path: A file of the format of its boxes, or a folder for YOLO's.
    """
    return folder / f'{camera.name}{_ENDINGS[find_format(os.fspath(camera.boxes))]}'


def check_places(
    cameras: Sequence[Camera],
    folder: str | os.PathLike,
    others: Iterable[str | os.PathLike] = (),
) -> None:
    """Refuse a folder in which results would replace what was given, or each other.

    Args:
        cameras (Sequence[Camera]): The cameras.
        folder (str | os.PathLike): Of results.
        others (Iterable[str | os.PathLike]): Further files that were given. Defaults
            to (): none.

    Raises:
        ValueError: A table would be written over one that was given, or over another
            result.
    """
    root = Path(folder)
    given = [*others]
    for camera in cameras:
        given += filter(None, (camera.frames, camera.boxes, camera.truth))
    kept = {os.path.realpath(path) for path in given}
    tables = [table_path(camera, root) for camera in cameras]
    for path in [*tables, *(root / name for name in _SHARED)]:
        if os.path.realpath(path) in kept:
            raise ValueError(
                f'{os.fspath(path)!r} was given, and results would be written over '
                'it; take another folder (--out).'
            )
    for camera, path in zip(cameras, tables, strict=True):
        if path.name in _SHARED:
            raise ValueError(
                f'The table of camera {camera.name!r} would be {os.fspath(path)!r}, '
                'which is for another result; give the camera another name.'
            )
