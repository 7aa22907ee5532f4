"""Render a scene to a folder: videos, true boxes, and what trackers make of them."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmengine.logging import MMLogger

from mmreid.datasets.synthetic.video.camera_files import (
    TABLES,
    CameraWriter,
    camera_name,
)
from mmreid.datasets.synthetic.video.drawing import drawn_frames
from mmreid.datasets.synthetic.video.itinerary import (
    Itinerary,
    SceneSize,
    plan_scene,
)
from mmreid.datasets.synthetic.video.scene_facts import NAME, describe_scene
from mmreid.files import write_json

Progress = Callable[[int, int], None]
_FILE = 'scene.json'
# Every file of a scene.
_OURS = re.compile(
    rf'{re.escape(_FILE)}|cam\d+\.mp4|cam\d+/img1/\d+\.jpg|'
    rf'cam\d+/({"|".join(map(re.escape, TABLES))})'
)


def render_scene(
    out_dir: str | Path,
    size: SceneSize | None = None,
    seed: int = 0,
    frames: bool = False,
    num_workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Render persons who walk past several cameras, with all that is true of them.

    For a camera ``cam1`` the folder has ``cam1.mp4`` and ``cam1/`` with ``gt/gt.txt``
    (MOTChallenge's text; a person has one number in all cameras), ``det/det.txt`` (an
    imperfect detector's boxes), ``tracks.txt`` (the numbers of a plain tracker of this
    camera alone), ``seqinfo.ini`` and, if asked for, ``img1/000001.jpg`` and so on.
    ``scene.json`` tells when each camera starts, on one clock, and who went where.

    The same seed gives the same frames, whatever the number of processes. Nothing is
    drawn where the folder already holds the scene. It is made beside ``out_dir`` and
    moved there at last.

    Args:
        out_dir (str | Path): A folder that is new, empty or made by this function.
        size (SceneSize, optional): How large. Defaults to None: ``SceneSize()``.
        seed (int): Not negative. Defaults to 0.
        frames (bool): Write each frame as a picture too. Defaults to False.
        num_workers (int, optional): Processes. Defaults to None: one per processor.
        progress (Callable, optional): Called with the number of frames done, and of
            all. Defaults to None.

    Returns:
        dict: What ``scene.json`` holds.

    Raises:
        ValueError: An argument is out of range, or ``out_dir`` holds other files.
        OSError: Something cannot be written.
    """
    if num_workers is not None and num_workers < 1:
        raise ValueError(
            f'num_workers must be at least 1, got {num_workers}; or leave it out.'
        )
    plan = plan_scene(seed, size or SceneSize())
    target, facts = Path(out_dir).resolve(), describe_scene(plan, frames)
    earlier = _read(target)
    if earlier == facts and _is_complete(target, plan, frames):
        MMLogger.get_current_instance().info(f'the scene is already in {target}')
        return facts
    _check_target(target, earlier)
    unfinished = target.with_name(f'.{target.name}.unfinished')
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir(parents=True)
        _render(unfinished, plan, frames, num_workers or os.cpu_count() or 1, progress)
        write_json(unfinished / _FILE, facts)
    except BaseException:
        # Nothing of it is of use, and the disk may be full.
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    if target.exists():
        shutil.rmtree(target)
    unfinished.rename(target)
    return facts


def _render(
    root: Path,
    plan: Itinerary,
    frames: bool,
    workers: int,
    progress: Progress | None,
) -> None:
    """Let every camera record."""
    total = plan.size.cameras * plan.size.frames
    with drawn_frames(plan, workers) as draw:
        for camera in range(1, plan.size.cameras + 1):
            done = (camera - 1) * plan.size.frames
            writer = CameraWriter(root, plan, camera, frames)
            for number, (picture, truth) in enumerate(draw(camera), start=1):
                writer.add(picture, truth)
                if progress is not None:
                    progress(done + number, total)
            writer.finish()


def _read(root: Path) -> dict[str, Any] | None:
    """Return what a folder tells of its scene; None if it tells nothing."""
    try:
        facts = json.loads((root / _FILE).read_text(encoding='utf-8'))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None


def _is_complete(root: Path, plan: Itinerary, frames: bool) -> bool:
    """Whether all files are there."""
    for number in range(1, plan.size.cameras + 1):
        place = root / camera_name(number)
        files = [place / name for name in TABLES] + [
            place.with_name(f'{place.name}.mp4')
        ]
        if not all(file.is_file() for file in files):
            return False
        if frames and len(list((place / 'img1').glob('*.jpg'))) != plan.size.frames:
            return False
    return True


def _check_target(root: Path, earlier: dict[str, Any] | None) -> None:
    """Refuse a folder with files that we did not make: it would be replaced."""
    if not root.exists():
        return
    files = (
        [root] if not root.is_dir() else [p for p in root.rglob('*') if not p.is_dir()]
    )
    if (earlier or {}).get('name') == NAME:
        files = [
            p for p in files if not _OURS.fullmatch(p.relative_to(root).as_posix())
        ]
    if files:
        raise ValueError(
            f'{root} must be new, empty or an earlier scene, but it holds '
            f'{min(files)}; choose another folder or remove it yourself.'
        )
