"""Head, face, hair and headgear."""

from functools import lru_cache

import numpy as np

from mmreid.datasets.synthetic.figure.mesh import (
    Mesh,
    ball,
    ball_directions,
    loft,
    moved,
    tube,
)
from mmreid.datasets.synthetic.persons import palette
from mmreid.datasets.synthetic.persons.identity import Cue, Identity
from mmreid.datasets.synthetic.persons.palette import tint

_RINGS, _SECTORS = 12, 16
_RADII = (0.080, 0.124, 0.101)


def _face(identity: Identity) -> np.ndarray:
    """Return the colours of the head: eyes, brows and mouth are darker skin."""
    tints = np.tile(tint(identity.skin), (_RINGS - 1, _SECTORS, 1))
    x, y, z = np.moveaxis(ball_directions(_RINGS, _SECTORS), -1, 0)
    eyes = (z > 0.5) & (np.abs(x) > 0.15) & (y > 0.02) & (y < 0.35)
    tints[eyes] = 0.62 * tints[eyes] + 0.1 * tint(palette.BLACK)
    mouth = (z > 0.6) & (np.abs(x) < 0.3) & (y < -0.35) & (y > -0.65)
    tints[mouth] = 0.6 * tints[mouth] + 0.4 * tint(palette.LIPS)
    return tints


@lru_cache
def _hair_region(style: str) -> np.ndarray:
    """Return which faces of the head are under hair, ``(rings - 1, sectors)``."""
    x, y, z = np.moveaxis(ball_directions(_RINGS, _SECTORS), -1, 0)
    crown = y > 0.55 - 0.25 * np.abs(x)
    if style == 'short':
        return crown | ((z < 0.05) & (y > -0.35))
    if style in ('ponytail', 'bun'):
        return crown | ((z < 0.15) & (y > -0.3))
    return crown | ((z < 0.35) & (y > -0.95))


def _locks(hair: Cue, centre: np.ndarray) -> list[Mesh]:
    """Draw the hair that leaves the head."""
    colour = tint(hair.colour)
    x, y, z = centre
    if hair.kind == 'long':
        heights = y + np.array([0.05, -0.05, -0.14, -0.24, -0.32, -0.36])
        zero = np.zeros(6)
        back = z + np.array([-0.02, -0.03, -0.05, -0.075, -0.09, -0.09])
        centres = np.stack([zero + x, heights, back], axis=1)
        wide = np.array([0.08, 0.092, 0.098, 0.105, 0.09, 0.02])
        sides = np.stack([wide, zero, zero], axis=1)
        deep = np.array([0.07, 0.075, 0.07, 0.06, 0.05, 0.02])
        fronts = np.stack([zero, zero, deep], axis=1)
        return [loft(centres, sides, fronts, colour, 12, lift=0.0)]
    if hair.kind == 'bob':
        return [ball(moved(centre, 0, -0.06, -0.03), (0.096, 0.085, 0.085), colour)]
    if hair.kind == 'ponytail':
        steps = np.array([[0, 0.06, -0.09], [0, 0.05, -0.15], [0, -0.06, -0.17]])
        tail = np.concatenate([steps, [[0, -0.18, -0.155]]])
        return [tube(centre + tail, np.array([0.02, 0.036, 0.036, 0.012]), colour, 8)]
    if hair.kind == 'bun':
        return [
            ball(moved(centre, 0, 0.105, -0.06), (0.052, 0.05, 0.052), colour, 6, 8)
        ]
    return []


def _hair(hair: Cue, centre: np.ndarray, flat: bool) -> list[Mesh]:
    """Draw hair; a hat keeps it flat."""
    scale = 1.34 if hair.kind == 'curly' and not flat else 1.10
    radii = (_RADII[0] * scale, _RADII[1] * (scale - 0.02), _RADII[2] * scale)
    place = moved(centre, 0, 0.022 if hair.kind == 'curly' else 0.004, -0.008)
    region = _hair_region(hair.kind)
    cap = ball(
        place, radii, tint(hair.colour), _RINGS, _SECTORS, lift=0.008, keep=region
    )
    return [cap, *_locks(hair, centre)]


def _hat(hat: Cue, centre: np.ndarray) -> list[Mesh]:
    """Draw headgear: all of it sits on the crown, a peak or a brim stands out."""
    if hat.kind == 'none':
        return []
    colour = tint(hat.colour)
    y = ball_directions(_RINGS, _SECTORS)[..., 1]
    tall = 1.36 if hat.kind == 'beanie' else 1.16
    radii = (_RADII[0] * 1.24, _RADII[1] * tall, _RADII[2] * 1.22)
    crown = ball(
        moved(centre, 0, 0.01, -0.004),
        radii,
        colour,
        _RINGS,
        _SECTORS,
        lift=0.02,
        keep=y > 0.12,
    )
    if hat.kind == 'beanie':
        return [crown]
    brim = moved(centre, 0, 0.045, 0.115 if hat.kind == 'cap' else 0.0)
    wide = (0.075, 0.010, 0.08) if hat.kind == 'cap' else (0.17, 0.012, 0.18)
    return [crown, ball(brim, wide, colour * 0.85, 5, 14, lift=0.02)]


def head(identity: Identity, height: float) -> list[Mesh]:
    """Draw the head with hair and hat, its middle at a height."""
    centre = np.array([0.0, height, 0.028])
    skull = ball(centre, _RADII, _face(identity), _RINGS, _SECTORS)
    nose = ball(
        moved(centre, 0, -0.012, 0.098),
        (0.014, 0.022, 0.018),
        tint(identity.skin) * 1.05,
        5,
        6,
    )
    hat = _hat(identity.hat, centre)
    return [skull, nose, *_hair(identity.hair, centre, bool(hat)), *hat]
