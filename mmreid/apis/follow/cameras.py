"""Cameras: frames with their table of tracked boxes, on one clock."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.datasets.boxes import VIDEOS, BoxTable, Frames, open_frames, read_boxes
from mmreid.files import read_json

# What a folder of a scene may have for a camera, the first found is taken.
_TABLES = ('tracks.txt', 'tracks.csv', 'tracks.xml')
_TRUTH = os.path.join('gt', 'gt.txt')


@dataclass(frozen=True)
class Camera:
    """A camera as it was named.

    Attributes:
        name: What it is called.
        frames: Its video, or folder of pictures.
        boxes: Its table, in a format of :func:`mmreid.datasets.boxes.read_boxes`, with
            numbers of tracks.
        start: When its first frame was taken, in seconds on one clock of all cameras.
        fps: Frames a second; None for what the video says.
        truth: A table of the true boxes and persons, if there is one.
    """

    name: str
    frames: str | os.PathLike
    boxes: str | os.PathLike
    start: float = 0.0
    fps: float | None = None
    truth: str | os.PathLike | None = None


@dataclass(frozen=True, eq=False)
class OpenCamera:
    """A camera whose files were opened and found to fit.

    Attributes:
        camera: As it was named.
        frames: Its frames.
        table: Its boxes.
        fps: Frames a second.
        notes: What had to be assumed or left out, in sentences.
    """

    camera: Camera
    frames: Frames
    table: BoxTable
    fps: float
    notes: tuple[str, ...]

    @property
    def tracked(self) -> np.ndarray:
        """Rows of the table that have a number of a track."""
        return np.flatnonzero(self.table.track >= 0)

    def times(self, table: BoxTable) -> np.ndarray:
        """Tell when boxes were seen.

        Args:
            table (BoxTable): Boxes of this camera.

        Returns:
            np.ndarray: ``(N,)`` seconds.
        """
        numbers = self.frames.locate(table)[0] - self.frames.first_frame
        return self.camera.start + numbers / self.fps


def open_cameras(cameras: Sequence[Camera]) -> list[OpenCamera]:
    """Open all cameras before anything is computed.

    Args:
        cameras (Sequence[Camera]): As they were named.

    Returns:
        list[OpenCamera]: In their order.

    Raises:
        OSError: A file is missing.
        ValueError: There is no camera, two have one name, a start is no time, frames a
            second are not known, or no table has a track.
    """
    if not cameras:
        raise ValueError('cameras must be at least one, got none.')
    names = [camera.name for camera in cameras]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f'cameras must have names of their own, got {name!r} twice.'
            )
        is_plain = name.isprintable() and name == os.path.basename(name.strip())
        if not name or not is_plain or name.startswith('.'):
            raise ValueError(
                f'The name of a camera must be fit for a file, got {name!r}; leave '
                'out slashes, line breaks, blanks at its ends and a dot at the start.'
            )
    return [_open(camera) for camera in cameras]


def _open(camera: Camera) -> OpenCamera:
    if not math.isfinite(camera.start):
        raise ValueError(
            f'start of camera {camera.name!r} must be seconds, got {camera.start!r}.'
        )
    frames = open_frames(camera.frames)
    fps = camera.fps if camera.fps is not None else frames.fps
    if fps is None or not (math.isfinite(fps) and fps > 0):
        raise ValueError(
            f'fps of camera {camera.name!r} must be a number above 0, got {fps!r}; '
            f'nothing in {os.fspath(camera.frames)!r} tells it. Give it (--fps).'
        )
    table = read_boxes(camera.boxes, picture_size=frames.size)
    notes = []
    if said := frames.locate(table)[1]:
        notes.append(f'{camera.name}: {said}.')
    without = int((table.track < 0).sum())
    if without and without == len(table):
        raise ValueError(
            f'boxes of camera {camera.name!r} must have numbers of tracks, got '
            f'{len(table)} boxes without one in {os.fspath(camera.boxes)!r}; give what '
            'a tracker of one camera writes, not what a detector does.'
        )
    if without:
        notes.append(f'{camera.name}: {without} boxes without a track get no identity.')
    if not len(table):
        notes.append(f'{camera.name}: the table has no boxes.')
    return OpenCamera(camera, frames, table, float(fps), tuple(notes))


def find_cameras(folder: str | os.PathLike) -> list[Camera]:
    """Find the cameras of a folder.

    Each folder in it that has ``tracks.txt`` (or ``.csv``, ``.xml``) is a camera; its
    frames are a video of its name beside it, or the pictures in it (``img1``).
    ``scene.json``, as of ``mmreid scene``, tells frames a second and when each camera
    starts; ``gt/gt.txt`` is the truth.

    Args:
        folder (str | os.PathLike): The folder.

    Returns:
        list[Camera]: In the order of their names.

    Raises:
        FileNotFoundError: There is no such folder, or no camera in it.
        ValueError: ``scene.json`` cannot be read, or names a camera that is missing.
    """
    root = Path(folder)
    if not root.is_dir():
        raise FileNotFoundError(f'There is no folder {os.fspath(folder)!r}.')
    told = _read_scene(root / 'scene.json')
    found = []
    for place in sorted(path for path in root.iterdir() if path.is_dir()):
        tables = [place / name for name in _TABLES if (place / name).exists()]
        if not tables:
            continue
        facts = told.pop(place.name, {})
        truth = place / _TRUTH
        found.append(
            Camera(
                place.name,
                _find_frames(place),
                tables[0],
                facts.get('start', 0.0),
                facts.get('fps'),
                truth if truth.exists() else None,
            )
        )
    if told:
        raise ValueError(
            f'{root / "scene.json"} names camera {min(told)!r}, but there is no folder '
            f'{os.fspath(root / min(told))!r} with {" or ".join(_TABLES)}.'
        )
    if not found:
        raise FileNotFoundError(
            f'{os.fspath(folder)!r} must have a folder for each camera with '
            f'{" or ".join(_TABLES)} in it, got none.'
        )
    return found


def _find_frames(place: Path) -> Path:
    for ending in VIDEOS:
        if (video := place.with_name(place.name + ending)).exists():
            return video
    return place


def _read_scene(path: Path) -> dict[str, dict[str, Any]]:
    """Return what a scene tells of each camera."""
    if not path.exists():
        return {}
    scene = read_json(path)
    try:
        cameras = scene['cameras']
        if isinstance(cameras, dict):
            cameras = [dict(facts, name=name) for name, facts in cameras.items()]
        fps = scene.get('fps')
        return {
            camera['name']: dict(
                start=float(camera.get('start', 0.0)), fps=camera.get('fps', fps)
            )
            for camera in cameras
        }
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise ValueError(
            f'{path} must list "cameras" with "name", "start" and "fps", as '
            f'"mmreid scene" writes them, but does not ({error!r}).'
        ) from error
