"""Tables of true persons: found before anything is computed, and read."""

import os
from collections.abc import Mapping, Sequence

from mmreid.apis.follow.cameras import Camera
from mmreid.apis.follow.results import Following
from mmreid.datasets.boxes import BoxTable, read_boxes


def read_truth(
    following: Following, files: Mapping[str, str | os.PathLike] | None = None
) -> dict[str, BoxTable]:
    """Read the true boxes of all cameras.

    Args:
        following (Following): Of :func:`mmreid.apis.follow.follow`.
        files (Mapping | None): Camera -> table. Defaults to None: those of the cameras.

    Returns:
        dict[str, BoxTable]: Camera -> boxes.

    Raises:
        ValueError: A camera has none, or one is named that there is not.
    """
    paths = find_truth([camera.source.camera for camera in following.cameras], files)
    return {
        camera.name: read_boxes(
            paths[camera.name], picture_size=camera.source.frames.size
        )
        for camera in following.cameras
    }


def find_truth(
    cameras: Sequence[Camera], files: Mapping[str, str | os.PathLike] | None = None
) -> dict[str, str | os.PathLike]:
    """Find the tables of true boxes, before anything is computed.

    Args:
        cameras (Sequence[Camera]): The cameras.
        files (Mapping | None): Camera -> table. Defaults to None: those of the cameras.

    Returns:
        dict[str, str | os.PathLike]: Camera -> table.

    Raises:
        ValueError: A camera has none, or one is named that there is not.
        FileNotFoundError: There is no such table.
    """
    names = [camera.name for camera in cameras]
    for name in files or ():
        if name not in names:
            raise ValueError(f'truth must be of cameras {names}, got {name!r}.')
    paths = {}
    for camera in cameras:
        path = (files or {}).get(camera.name, camera.truth)
        if path is None:
            raise ValueError(
                f'truth of camera {camera.name!r} must be given, got none; name its '
                f'table ({camera.name}=FILE), or put it beside as gt/gt.txt.'
            )
        if not os.path.exists(path):
            raise FileNotFoundError(
                f'truth of camera {camera.name!r}: there is no {os.fspath(path)!r}.'
            )
        paths[camera.name] = path
    return paths
