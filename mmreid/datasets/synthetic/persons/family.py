"""Draw families of look-alikes: the same clothes, one or two small differences."""

from dataclasses import replace
from typing import Any

import numpy as np

from mmreid.datasets.synthetic.persons import palette
from mmreid.datasets.synthetic.persons.identity import Body, Cue, Garment, Identity
from mmreid.datasets.synthetic.seeding import Stream, generator

#: How often a family has so many members.
FAMILY_SIZES = {1: 0.10, 2: 0.16, 3: 0.36, 4: 0.26, 5: 0.12}
#: Share of the persons whose family has other members.
LOOK_ALIKES = 0.968
PRINTABLE = ('tshirt', 'long_sleeve', 'hoodie')

_KINDS = {
    'hair': ('short', 'curly', 'bob', 'long', 'ponytail', 'bun'),
    'hat': ('none', 'cap', 'beanie', 'brimmed'),
    'chest_print': ('none', 'square', 'disc', 'band', 'cross'),
    'shoes': ('sneaker', 'boot'),
    'bag': ('none', 'backpack', 'shoulder_bag', 'hand_bag'),
}
#: The two cues of a family. Hair and hat are not paired: one hides the other.
_CUE_PAIRS = (
    *(('bag', 'shoes'), ('bag', 'hair'), ('bag', 'hat')) * 2,
    ('shoes', 'hair'),
    ('shoes', 'hat'),
    ('chest_print', 'bag'),
    ('chest_print', 'shoes'),
    ('chest_print', 'hair'),
    ('chest_print', 'hat'),
)
_PATTERNS = ('plain', 'plain', 'plain', 'stripes', 'checks', 'vertical', 'yoke')


def _choice(rng: np.random.Generator, values: tuple[str, ...]) -> str:
    return values[int(rng.integers(len(values)))]


def _draw_body(rng: np.random.Generator, slender: bool) -> Body:
    height, shoulders, waist, hips = (
        (1.66, 0.90, 0.90, 1.04) if slender else (1.76, 1.02, 1.02, 0.97)
    )
    return Body(
        height=height + float(rng.normal(0, 0.06)),
        build=float(np.clip(rng.normal(1.0, 0.10), 0.82, 1.28)),
        shoulders=shoulders * float(rng.normal(1, 0.03)),
        waist=waist * float(rng.normal(1, 0.04)),
        hips=hips * float(rng.normal(1, 0.03)),
    )


def _draw_clothes(
    rng: np.random.Generator, slender: bool, printed: bool
) -> tuple[Garment, Garment]:
    uppers: tuple[str, ...] = ('tshirt', 'long_sleeve', 'shirt', 'hoodie', 'jacket')
    uppers += ('coat', 'dress') if slender else ('coat', 'tshirt')
    kind = _choice(rng, PRINTABLE if printed else uppers)
    lowers = ('trousers', 'slim', 'skirt') if slender else ('trousers', 'trousers')
    colour = palette.pick(rng, palette.UPPER)
    accent = palette.pick(rng, palette.UPPER, (colour,), 130)
    # Under a print, and beside what an open jacket shows, a pattern would confuse.
    plain = printed or kind in ('jacket', 'coat')
    upper = Garment(kind, colour, accent, 'plain' if plain else _choice(rng, _PATTERNS))
    lower = palette.pick(rng, palette.LOWER, (colour,), 60)
    lower_kind = _choice(rng, (*lowers, 'shorts') if kind != 'coat' else lowers[:2])
    return upper, Garment(lower_kind, lower, lower)


def _draw_cue(
    rng: np.random.Generator, name: str, base: Identity, taken: list[Cue]
) -> Cue:
    """Draw a cue that is easily told from those already taken."""
    kinds = _KINDS[name]
    if name in ('hat', 'chest_print', 'bag') and any(c.kind == 'none' for c in taken):
        kinds = kinds[1:]
    kind = _choice(rng, kinds)
    if kind == 'none':
        return Cue('none', palette.BLACK)
    rivals = tuple(cue.colour for cue in taken if cue.kind == kind)
    # On cloth, a cue of the colour of the cloth would not be one.
    if name in ('chest_print', 'bag'):
        rivals = (*rivals, base.upper.colour)
    if name in ('shoes', 'hair'):
        rivals = tuple(cue.colour for cue in taken)
    colours = palette.HAIR if name == 'hair' else palette.ACCENT
    return Cue(kind, palette.pick(rng, colours, rivals))


def _draw_base(rng: np.random.Generator, family: int, printed: bool) -> Identity:
    """Draw what all members share, with plain cues."""
    slender = bool(rng.random() < 0.5)
    upper, lower = _draw_clothes(rng, slender, printed)
    nothing = Cue('none', palette.BLACK)
    styles = _KINDS['hair'][2:] if slender else _KINDS['hair'][:2]
    return Identity(
        person_id=0,
        family=family,
        body=_draw_body(rng, slender),
        skin=palette.SKIN[int(rng.choice(5, p=(0.3, 0.3, 0.2, 0.1, 0.1)))],
        upper=upper,
        lower=lower,
        hair=Cue(_choice(rng, styles), palette.pick(rng, palette.HAIR)),
        hat=nothing,
        chest_print=nothing,
        shoes=Cue('sneaker', palette.pick(rng, palette.ACCENT[:2])),
        bag=nothing,
    )


def _cue_values(
    rng: np.random.Generator, name: str, base: Identity, count: int
) -> list[Cue]:
    """Draw ``count`` values of one cue, each unlike the others."""
    values: list[Cue] = []
    while len(values) < count:
        cue = _draw_cue(rng, name, base, values)
        if cue not in values:
            values.append(cue)
    return values


def _draw_members(rng: np.random.Generator, family: int, size: int) -> list[Identity]:
    """Draw one family.

    Its members take their values of two cues from a grid, each another cell of it:
    any two differ in one cue or in both, and in nothing else.
    """
    first, second = _CUE_PAIRS[int(rng.integers(len(_CUE_PAIRS)))]
    base = _draw_base(rng, family, 'chest_print' in (first, second))
    if base.bag.kind == 'none' and 'bag' not in (first, second) and rng.random() < 0.4:
        base = replace(base, bag=_draw_cue(rng, 'bag', base, []))
    grid: list[dict[str, Any]] = [
        {first: one, second: other}
        for one in _cue_values(rng, first, base, 3)
        for other in _cue_values(rng, second, base, 2)
    ]
    cells = rng.permutation(len(grid))[:size]
    return [replace(base, **grid[int(cell)]) for cell in cells]


def family_sizes(
    rng: np.random.Generator, people: int, look_alikes: float = LOOK_ALIKES
) -> list[int]:
    """Draw sizes of families that sum to a number of people.

    Args:
        rng (np.random.Generator): Draws them.
        people (int): Their sum.
        look_alikes (float): Share of the people with a family of two or more, on
            average. Defaults to 0.968.
    """
    shares = _family_shares(look_alikes)
    sizes: list[int] = []
    while (left := people - sum(sizes)) > 0:
        drawn = int(rng.choice(list(shares), p=list(shares.values())))
        sizes.append(min(drawn, left))
    return sizes


def _family_shares(look_alikes: float) -> dict[int, float]:
    """Return how often a family has so many members, for a share of look-alikes."""
    if look_alikes == LOOK_ALIKES:
        return FAMILY_SIZES
    groups = {n: share for n, share in FAMILY_SIZES.items() if n > 1}
    mean = sum(n * share for n, share in groups.items()) / sum(groups.values())
    # Of p families of one and 1 - p larger ones, (1 - p) * mean people of
    # p + (1 - p) * mean have look-alikes.
    lone = mean * (1 - look_alikes) / (mean * (1 - look_alikes) + look_alikes)
    scale = (1 - lone) / sum(groups.values())
    return {1: lone} | {n: scale * share for n, share in groups.items()}


def draw_family(seed: int, family: int, size: int, first_id: int) -> list[Identity]:
    """Draw the members of a family, numbered from ``first_id``.

    Args:
        seed (int): Seed of the data set.
        family (int): Number of the family.
        size (int): Number of members, 1 to 6.
        first_id (int): Person id of the first member.
    """
    members = _draw_members(generator(seed, Stream.FAMILY, family), family, size)
    return [replace(m, person_id=first_id + i) for i, m in enumerate(members)]


def draw_stranger(seed: int, index: int) -> Identity:
    """Draw a person who belongs to no split, for distractors and passers-by."""
    return _draw_members(generator(seed, Stream.STRANGER, index), 0, 1)[0]
