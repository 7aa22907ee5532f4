"""Small pictures for pages, each written once."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from mmreid.report.bundles import Bundle
from mmreid.visualization import read_picture

#: Width and height within which a picture is shrunk, in pixels.
SIZE = (64, 128)
_QUALITY = 82
_AT_ONCE = 256
_IN_A_FOLDER = 1000


class ListedPicture(Protocol):
    """A picture of a page that lists them."""

    @property
    def path(self) -> str:
        """Where it is to be read."""

    @property
    def camera(self) -> str:
        """Its camera; empty where unknown."""


def write_listed(
    bundle: Bundle,
    pictures: Sequence[ListedPicture],
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Add the pictures of a page that lists them by number, to be chosen by camera.

    Args:
        bundle (Bundle): The page.
        pictures (Sequence[ListedPicture]): The pictures.
        progress (Callable, optional): As of :func:`write_thumbnails`. Defaults to None.

    Returns:
        dict[str, Any]: What the template needs of them: ``names`` for
        ``mmreid.picture``, ``''`` where a picture cannot be read, ``unread`` paths and
        all ``cameras``, sorted.
    """
    paths = [picture.path for picture in pictures]
    names, unread = write_thumbnails(bundle, paths, progress=progress)
    return dict(
        names=[names.get(path, '') for path in paths],
        unread=unread,
        cameras=sorted({picture.camera for picture in pictures if picture.camera}),
    )


def write_thumbnails(
    bundle: Bundle,
    paths: Iterable[str],
    *,
    root: str | os.PathLike | None = None,
    size: tuple[int, int] = SIZE,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[dict[str, str], list[str]]:
    """Add small pictures to a page.

    Args:
        bundle (Bundle): The page.
        paths (Iterable[str]): Files; each is read once, however often it stands here.
        root (str | os.PathLike, optional): Folder that relative paths start from.
            Defaults to None: the current one.
        size (tuple[int, int]): Width and height that none exceeds. Defaults to
            ``(64, 128)``.
        progress (Callable, optional): Called with the pictures done and in all.
            Defaults to None.

    Returns:
        tuple[dict[str, str], list[str]]: By path, the name for ``mmreid.picture``; and
        the paths that cannot be read, in order, which have none.
    """
    wanted = list(dict.fromkeys(path for path in paths if path))
    names: dict[str, str] = {}
    unread: list[str] = []

    def shrink(path: str) -> bytes | None:
        try:
            return _shrink(Path(root or '', path), size)
        except (OSError, ValueError, cv2.error):
            return None

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        rest = iter(wanted)
        while chunk := [*islice(rest, _AT_ONCE)]:  # no more is kept in memory
            for path, content in zip(chunk, pool.map(shrink, chunk), strict=True):
                if content is None:
                    unread.append(path)
                    continue
                number = len(names)
                name = f'small/{number // _IN_A_FOLDER}/{number}.jpg'
                bundle.add_picture(name, content)
                names[path] = name
            if progress is not None:
                progress(len(names) + len(unread), len(wanted))
    return names, unread


def _shrink(path: Path, size: tuple[int, int]) -> bytes:
    """Read a picture and encode it as a small JPEG; none is enlarged."""
    picture = read_picture(path)
    height, width = picture.shape[:2]
    scale = min(size[0] / width, size[1] / height, 1)
    if scale < 1:
        shape = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = cv2.resize(picture, shape, interpolation=cv2.INTER_AREA)
    options = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    return cv2.imencode('.jpg', np.ascontiguousarray(picture), options)[1].tobytes()
