"""How clothes are cut and coloured."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mmreid.datasets.synthetic.persons.identity import Cue, Garment
from mmreid.datasets.synthetic.persons.palette import Colour


@dataclass(frozen=True)
class UpperCut:
    """Cut of what covers the torso.

    Args:
        sleeve (float): Length of the sleeve as a fraction of the arm.
        ease (float): Metres between body and cloth.
        skirt (float): How far it hangs below the crotch, as a fraction of the leg;
            0 ends at the hip.
        flare (float): Widening of that part, metres at its hem.
        opening (int): Half width of the open front in faces, 0 is closed.
        neckline (int): Rings of skin below the neck.
        hood (bool): Whether a hood lies on the back.
    """

    sleeve: float
    ease: float = 0.012
    skirt: float = 0.0
    flare: float = 0.0
    opening: int = 0
    neckline: int = 1
    hood: bool = False


@dataclass(frozen=True)
class LowerCut:
    """Cut of what covers the legs.

    Args:
        length (float): Length as a fraction of the leg.
        ease (float): Metres between leg and cloth.
        hem (float): Least radius of a leg's cloth, metres.
        skirt (float): As in :class:`UpperCut`; the legs below it are bare.
        flare (float): As in :class:`UpperCut`.
    """

    length: float = 1.0
    ease: float = 0.012
    hem: float = 0.0
    skirt: float = 0.0
    flare: float = 0.0


UPPER_CUTS = {
    'tshirt': UpperCut(sleeve=0.42, ease=0.012, neckline=2),
    'long_sleeve': UpperCut(sleeve=0.96),
    'shirt': UpperCut(sleeve=0.96, ease=0.016, opening=1),
    'hoodie': UpperCut(sleeve=0.98, ease=0.026, neckline=0, hood=True),
    'jacket': UpperCut(sleeve=0.98, ease=0.030, opening=2, neckline=0),
    'coat': UpperCut(
        sleeve=0.98, ease=0.036, skirt=0.36, flare=0.03, opening=1, neckline=0
    ),
    'dress': UpperCut(sleeve=0.25, ease=0.010, skirt=0.42, flare=0.10, neckline=3),
}
LOWER_CUTS = {
    'trousers': LowerCut(ease=0.014, hem=0.064),
    'slim': LowerCut(ease=0.006, hem=0.046),
    'shorts': LowerCut(length=0.44, ease=0.022, hem=0.085),
    'skirt': LowerCut(skirt=0.36, flare=0.07),
}


@lru_cache
def pattern(name: str, rows: int, columns: int) -> np.ndarray:
    """Return where a pattern has its second colour, ``(rows, columns)``."""
    row, column = np.mgrid[:rows, :columns]
    if name == 'stripes':
        return row // 2 % 2 == 1
    if name == 'vertical':
        return column // 2 % 2 == 1
    if name == 'checks':
        return (row // 2 + column // 2) % 2 == 1
    if name == 'yoke':
        return row < 0.36 * rows
    return np.zeros((rows, columns), bool)


def cloth(garment: Garment, rows: int, columns: int) -> np.ndarray:
    """Return the colours of a piece of cloth, ``(rows, columns, 3)``."""
    mask = pattern(garment.pattern, rows, columns)[..., None]
    return np.where(mask, garment.accent, garment.colour).astype(np.float32)


@lru_cache
def print_mask(kind: str, rows: int, columns: int) -> np.ndarray:
    """Return where a chest print lies on the torso, ``(rows, columns)``.

    The torso's columns run around it from the person's left; the chest is a quarter
    of a turn on, so that no print reaches the back.
    """
    row, column = np.mgrid[:rows, :columns]
    down = (row + 0.5 - 0.36 * rows) / (0.14 * rows)
    across = (column + 0.5 - columns / 4) / 3.0
    if kind == 'square':
        return (np.abs(down) <= 1) & (np.abs(across) <= 1)
    if kind == 'disc':
        return down**2 + across**2 <= 1.0
    if kind == 'band':
        return (np.abs(down) <= 0.6) & (np.abs(across) <= 2)
    if kind == 'cross':
        return ((np.abs(down) <= 0.35) & (np.abs(across) <= 1.4)) | (
            (np.abs(across) <= 0.34) & (np.abs(down) <= 1.5)
        )
    return np.zeros((rows, columns), bool)


def torso_colours(
    upper: Garment, chest_print: Cue, skin: Colour, rows: int, columns: int
) -> np.ndarray:
    """Return the colours of the clothed torso, neck to hem, ``(rows, columns, 3)``."""
    cut = UPPER_CUTS[upper.kind]
    colours = cloth(upper, rows, columns)
    colours[print_mask(chest_print.kind, rows, columns)] = chest_print.colour
    across = np.abs(np.arange(columns) + 0.5 - columns / 4)
    if cut.opening:
        colours[:, across < cut.opening] = upper.accent
    colours[: cut.neckline, across < 2 * cut.neckline] = skin
    return colours
