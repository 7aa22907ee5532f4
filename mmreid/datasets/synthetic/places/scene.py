"""The six places that the cameras watch."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mmreid.datasets.synthetic.places import props
from mmreid.datasets.synthetic.places import scenery as draw
from mmreid.datasets.synthetic.places.camera import CAMERAS
from mmreid.datasets.synthetic.seeding import Stream, generator

ROWS, COLUMNS = 540, 960
#: Materials of the ground: asphalt, concrete, slabs, tar; and outdoors sand and grass.
_STONES = (
    (96, 96, 98),
    (150, 156, 160),
    (120, 118, 120),
    (68, 70, 72),
    (132, 138, 146),
)
_GROUNDS = (*_STONES, (126, 146, 158), (84, 122, 100))
_PANELS = (
    (70, 66, 60),
    (180, 184, 186),
    (96, 120, 150),
    (128, 104, 84),
    (60, 84, 66),
    (110, 112, 116),
)


@dataclass(frozen=True)
class Scene:
    """A place without people.

    Args:
        picture (np.ndarray): BGR, uint8, ``(540, 960, 3)``.
        horizon (int): Row in which the ground ends.
    """

    picture: np.ndarray
    horizon: int

    def scale(self, row: float) -> float:
        """Return the pixels of a metre for a person whose feet are in a row."""
        return 88.0 + 0.28 * (row - self.horizon)


def _plaza(picture: np.ndarray, rng: np.random.Generator) -> int:
    """Pale paving before an office building."""
    draw.wall(picture, 170, (156, 164, 170), (60, 400), (140, 148, 154))
    for left in range(20, COLUMNS, 190):
        draw.windows(picture, rng, (left, 20, 140, 110), (2, 3), (120, 126, 130))
    draw.panels(picture, rng, (30, 170), _PANELS)
    draw.ground(picture, 170, (164, 170, 174), (140, 146, 150))
    draw.patches(picture, rng, 170, _GROUNDS)
    draw.paving(picture, 170, (138, 146, 152), 46)
    for x in (130, 520, 900):
        props.bush(picture, rng, (x, 190), 56)
    draw.roughen(picture, rng, slice(None), 0.05)
    return 170


def _lawn(picture: np.ndarray, rng: np.random.Generator) -> int:
    """Grass with trees, a path in front."""
    draw.ground(picture, 0, (82, 122, 100), (96, 130, 112))
    draw.roughen(picture, rng, slice(None), 0.16, (1, 2, 5, 40))
    draw.ground(picture, 345, (150, 162, 170), (132, 142, 150))
    draw.patches(picture, rng, 250, _GROUNDS)
    draw.roughen(picture, rng, slice(345, None), 0.07)
    for x in range(30, COLUMNS, 170):
        props.tree(picture, rng, (x + int(rng.integers(-40, 40)), 205), 300)
    for x in range(0, COLUMNS, 260):
        props.bush(picture, rng, (x + int(rng.integers(0, 90)), 285), 50)
    return 110


def _entrance(picture: np.ndarray, rng: np.random.Generator) -> int:
    """Glass doors and posters of a supermarket, dark wet floor."""
    draw.wall(picture, 220, (120, 116, 112), (44, 90), (106, 102, 98))
    draw.windows(picture, rng, (60, 30, 500, 190), (1, 6), (70, 70, 72))
    for left in (600, 700, 800):
        tint = props.any_tint(rng)
        picture[60:190, left : left + 70] = tint
        picture[80:100, left + 10 : left + 60] = 230
        picture[140:180, left + 15 : left + 55] = tuple(255 - c for c in tint)
    draw.ground(picture, 220, (112, 108, 106), (92, 90, 88))
    draw.patches(picture, rng, 220, _STONES)
    draw.paving(picture, 220, (90, 88, 86), 90)
    draw.roughen(picture, rng, slice(None), 0.07)
    return 150


def _road(picture: np.ndarray, rng: np.random.Generator) -> int:
    """A street with a zebra crossing and parked cars."""
    draw.ground(picture, 0, (120, 132, 140), (150, 160, 168))
    draw.windows(picture, rng, (0, 0, COLUMNS, 90), (2, 20), (150, 154, 158))
    draw.panels(picture, rng, (60, 170), _PANELS)
    draw.ground(picture, 170, (104, 104, 106), (120, 120, 122))
    draw.patches(picture, rng, 240, _STONES)
    draw.roughen(picture, rng, slice(None), 0.06)
    for left in range(-40, COLUMNS, 84):
        x = np.arange(COLUMNS)
        for row in range(380, 460):
            edge = left + (row - 380) * (left - 480) // 500
            picture[row, (x > edge) & (x < edge + 40)] = (208, 212, 214)
    for left, tint in (
        (-90, (60, 60, 150)),
        (330, (190, 190, 186)),
        (740, (110, 80, 50)),
    ):
        props.car(picture, (left, 236), 370, tint)
    picture[236:243] = (176, 178, 180)
    return 110


def _underpass(picture: np.ndarray, rng: np.random.Generator) -> int:
    """A tiled passage under lamps."""
    draw.wall(picture, 250, (140, 152, 158), (22, 44), (118, 128, 134))
    draw.panels(picture, rng, (60, 250), _PANELS)
    picture[60:72] = (80, 100, 140)
    draw.ground(picture, 250, (100, 104, 108), (80, 84, 88))
    draw.patches(picture, rng, 250, _STONES)
    draw.paving(picture, 250, (70, 76, 80), 70)
    draw.roughen(picture, rng, slice(None), 0.06)
    for x in range(80, COLUMNS, 240):
        away = np.abs(np.arange(COLUMNS) - x)[None, :, None] / 150
        part = picture[:300].astype(np.float32)
        picture[:300] = np.clip(part * (1 + 0.35 * np.exp(-(away**2))), 0, 255)
    return 150


def _brick(picture: np.ndarray, rng: np.random.Generator) -> int:
    """Bicycles along a brick wall, asphalt in front."""
    draw.wall(picture, 230, (84, 94, 132), (12, 34), (108, 114, 130))
    draw.roughen(picture, rng, slice(0, 230), 0.10, (2, 12, 60))
    draw.panels(picture, rng, (20, 230), _PANELS)
    draw.ground(picture, 230, (128, 126, 124), (104, 102, 102))
    draw.patches(picture, rng, 230, _GROUNDS)
    draw.roughen(picture, rng, slice(230, None), 0.09)
    for x in range(-40, COLUMNS, 200):
        tint = props.any_tint(rng)
        foot = (x + int(rng.integers(-30, 30)), 290)
        props.bicycle(picture, foot, 190, tint, 5)
    return 160


SCENES: dict[str, Callable[[np.ndarray, np.random.Generator], int]] = {
    'plaza': _plaza,
    'lawn': _lawn,
    'entrance': _entrance,
    'road': _road,
    'underpass': _underpass,
    'brick': _brick,
}


@lru_cache(maxsize=32)
def make_scene(seed: int, camera: int) -> Scene:
    """Draw the place of a camera, numbered from 1; it is kept for the next call."""
    picture = np.zeros((ROWS, COLUMNS, 3), np.uint8)
    rng = generator(seed, Stream.SCENE, camera)
    horizon = SCENES[CAMERAS[camera - 1].scene](picture, rng)
    picture.flags.writeable = False
    return Scene(picture, horizon)
