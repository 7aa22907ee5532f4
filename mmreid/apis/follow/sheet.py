"""A sheet of identities: a row each, with crops of every camera."""

from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

from mmreid.apis.follow.results import Following
from mmreid.visualization.picture_file import read_picture

_HEIGHT, _WIDTH, _GAP, _LINE = 112, 56, 6, 16
_LABEL = 132
_INK, _PAPER, _PALE = (40, 40, 40), (255, 255, 255), (236, 236, 236)
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_identities(
    following: Following,
    crops: dict[tuple[str, int], Path],
    persons: dict[int, str],
    *,
    per_camera: int = 5,
    most: int = 60,
) -> np.ndarray:
    """Draw identities with the most tracklets, a row each and a block a camera.

    Args:
        following (Following): Of :func:`follow`.
        crops (dict[tuple[str, int], Path]): Camera and number of tracklet -> picture.
        persons (dict[int, str]): Identity -> person whom a gallery knows.
        per_camera (int): Tracklets of a camera that are shown, spread over its time.
            Defaults to 5.
        most (int): Rows. Defaults to 60.

    Returns:
        np.ndarray: ``(H, W, 3)`` uint8 BGR.
    """
    names = [camera.name for camera in following.cameras]
    shown = _list_shown(following, crops)
    counts = {one: sum(map(len, rows.values())) for one, rows in shown.items()}
    chosen = sorted(sorted(shown, key=lambda one: (-counts[one], one))[:most])
    columns = {
        name: max((min(per_camera, len(shown[one][name])) for one in chosen), default=0)
        for name in names
    }
    starts, x = {}, _LABEL
    for name in names:
        starts[name] = x
        x += max(1, columns[name]) * (_WIDTH + _GAP) + 2 * _GAP
    step = _HEIGHT + _LINE + _GAP
    sheet = np.full((2 * _LINE + 2 * _GAP + step * len(chosen), x, 3), _PAPER, np.uint8)
    title = f'{len(following.identities)} identities'
    if len(chosen) < len(following.identities):
        title += f', {len(chosen)} shown'
    _write(sheet, title, _GAP, _LINE, x)
    for name, left in starts.items():
        _write(sheet, name, left, 2 * _LINE, x - left)
    for number, identity in enumerate(chosen):
        y = 2 * _LINE + 2 * _GAP + number * step
        if number % 2:
            sheet[y - _GAP // 2 : y + step - _GAP // 2] = _PALE
        count = f'{counts[identity]} tracklet' + 's' * (counts[identity] > 1)
        words = [f'identity {identity}', persons.get(identity), count]
        for line, word in enumerate(filter(None, words), 1):
            _write(sheet, word, _GAP, y + line * _LINE, _LABEL)
        for camera in following.cameras:
            places = _spread(shown[identity][camera.name], per_camera)
            for column, place in enumerate(places):
                left = starts[camera.name] + column * (_WIDTH + _GAP)
                _draw(sheet, crops[camera.name, place], y, left)
                track = f't{camera.tracklets.track[place]}'
                _write(sheet, track, left, y + _HEIGHT + _LINE - 3, _WIDTH)
    return sheet


def _list_shown(
    following: Following, crops: dict[tuple[str, int], Path]
) -> dict[int, dict[str, list[int]]]:
    """List tracklets with a picture: identity -> camera -> numbers, by time."""
    shown: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for camera in following.cameras:
        order = np.lexsort((camera.tracklets.track, camera.tracklets.start))
        for place in order.tolist():
            if (camera.name, place) in crops:
                shown[int(camera.identity[place])][camera.name].append(place)
    return shown


def _spread(places: list[int], count: int) -> list[int]:
    """Take some of a list at equal steps."""
    steps = np.linspace(0, len(places) - 1, min(count, len(places)))
    return [places[step] for step in np.round(steps).astype(int)]


def _draw(sheet: np.ndarray, path: Path, y: int, x: int) -> None:
    picture = cv2.resize(
        read_picture(path), (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA
    )
    sheet[y : y + _HEIGHT, x : x + _WIDTH] = picture


def _write(sheet: np.ndarray, text: str, x: int, y: int, width: int) -> None:
    """Write a line that ends at a width."""
    # OpenCV's strokes know no accents.
    text = text.encode('ascii', 'replace').decode()
    while text and cv2.getTextSize(text, _FONT, 0.42, 1)[0][0] > width:
        text = text[:-1]
    cv2.putText(sheet, text, (x, y), _FONT, 0.42, _INK, 1, cv2.LINE_AA)
