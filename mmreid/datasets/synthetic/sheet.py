"""Draw a contact sheet: look-alikes in rows, cameras in columns."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from mmreid.datasets.synthetic import detector
from mmreid.datasets.synthetic.persons.identity import CUES, Identity
from mmreid.datasets.synthetic.places.camera import CAMERAS
from mmreid.datasets.synthetic.plan import SIZES, DatasetSize, draw_people
from mmreid.datasets.synthetic.rendering import USUAL, Rendering
from mmreid.datasets.synthetic.shot import Shot, draw_shot

_GAP, _LABEL, _HEADER = 3, 92, 18
_INK, _PAPER = (50, 50, 50), 255
_PER_CAMERA = 2


def _write(sheet: np.ndarray, text: str, x: int, y: int) -> None:
    """Write small text with its base line at a point."""
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(sheet, text, (x, y), font, 0.32, _INK, 1, cv2.LINE_AA)


def _label(
    sheet: np.ndarray, y: int, person: Identity, family: Sequence[Identity]
) -> None:
    """Write beside a row who it is, and by what one can tell."""
    _write(sheet, f'person {person.person_id}', 3, y + 44)
    names = [n for n in CUES if len({getattr(p, n) for p in family}) > 1]
    for line, name in enumerate(names):
        cue, row = getattr(person, name), y + 62 + 16 * line
        if cue.kind == 'none':
            _write(sheet, f'no {name.split("_")[-1]}', 17, row)
            continue
        cv2.rectangle(sheet, (3, row - 8), (12, row + 1), cue.colour, -1)
        cv2.rectangle(sheet, (3, row - 8), (12, row + 1), _INK, 1)
        suffix = {'hair': ' hair', 'chest_print': ' print'}.get(name, '')
        _write(sheet, cue.kind.replace('_', ' ') + suffix, 17, row)


def _row(
    sheet: np.ndarray, y: int, person: Identity, seed: int, rendering: Rendering
) -> None:
    """Draw one person as each camera sees it."""
    number = person.person_id
    for column in range(_PER_CAMERA * rendering.cameras):
        camera, index = divmod(column, _PER_CAMERA)
        shot = Shot('', number, number, camera + 1, index)
        x = _LABEL + column * (detector.COLUMNS + _GAP)
        area = (slice(y, y + detector.ROWS), slice(x, x + detector.COLUMNS))
        sheet[area] = draw_shot(shot, {number: person}, seed, rendering)


def _chosen_families(
    people: dict[int, Identity], families: Sequence[int] | None, rows: int
) -> list[list[Identity]]:
    """Return the families to show, each cut to a number of rows."""
    groups: dict[int, list[Identity]] = {}
    for person in people.values():
        groups.setdefault(person.family, []).append(person)
    if families is None:
        enough = [f for f, group in groups.items() if len(group) >= rows]
        families = (enough or [*groups])[:2]
    missing = sorted(set(families) - set(groups))
    if missing:
        raise ValueError(
            f'families {missing} do not exist; choose from 0 to {len(groups) - 1}'
        )
    return [groups[family][:rows] for family in families]


def contact_sheet(
    size: str | DatasetSize = 'mini',
    seed: int = 0,
    families: Sequence[int] | None = None,
    rows: int = 3,
    rendering: Rendering = USUAL,
) -> np.ndarray:
    """Draw families of look-alikes as all cameras see them.

    Args:
        size (str | DatasetSize): Size of the data set they are from.
        seed (int): Its seed.
        families (Sequence, optional): Numbers of the families; default the first two
            with enough members, or the first two where none has.
        rows (int): Members of each family to show, at most.
        rendering (Rendering): How hard it is; pictures of any height are shown 128
            pixels high. Defaults to the usual one.

    Returns:
        np.ndarray: BGR, uint8.

    Raises:
        ValueError: If there is no such family.
    """
    chosen = SIZES[size] if isinstance(size, str) else size
    people, _ = draw_people(seed, chosen, rendering.look_alikes)
    shown = replace(rendering, height=detector.ROWS)
    cameras = CAMERAS[: rendering.cameras]
    groups = _chosen_families(people, families, rows)
    step = detector.ROWS + _GAP
    height = _HEADER + sum(len(group) * step + 2 * _GAP for group in groups)
    columns = _PER_CAMERA * len(cameras) * (detector.COLUMNS + _GAP)
    sheet = np.full((height, _LABEL + columns, 3), _PAPER, np.uint8)
    for camera in cameras:
        x = _LABEL + _PER_CAMERA * (camera.index - 1) * (detector.COLUMNS + _GAP)
        _write(sheet, f'camera {camera.index}: {camera.scene}', x, 12)
    y = _HEADER
    for group in groups:
        for person in group:
            _label(sheet, y, person, group)
            _row(sheet, y, person, seed, shown)
            y += step
        y += 2 * _GAP
    return sheet
