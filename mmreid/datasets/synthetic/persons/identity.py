"""Who a pedestrian is: everything about the looks that no camera changes."""

from dataclasses import dataclass, fields

from mmreid.datasets.synthetic.persons.palette import Colour

#: The small things by which look-alikes are told apart.
CUES = ('hair', 'hat', 'chest_print', 'shoes', 'bag')


@dataclass(frozen=True)
class Body:
    """Proportions of a body.

    Args:
        height (float): Metres.
        build (float): Girth, 1 is average.
        shoulders (float): Width of the shoulders, 1 is average.
        waist (float): Width of the waist, 1 is average.
        hips (float): Width of the hips, 1 is average.
    """

    height: float
    build: float
    shoulders: float
    waist: float
    hips: float


@dataclass(frozen=True)
class Garment:
    """A piece of clothing.

    Args:
        kind (str): A key of ``UPPER_CUTS`` or ``LOWER_CUTS``.
        colour (Colour): Main colour.
        accent (Colour): Second colour: of the pattern, or under an open jacket.
        pattern (str): A key of ``PATTERNS``.
    """

    kind: str
    colour: Colour
    accent: Colour
    pattern: str = 'plain'


@dataclass(frozen=True)
class Cue:
    """A small thing of some kind and colour; the kind ``'none'`` is its absence."""

    kind: str
    colour: Colour


@dataclass(frozen=True)
class Identity:
    """One person. People of one ``family`` differ in their cues only.

    Args:
        person_id (int): Label, from 1.
        family (int): Which group of look-alikes.
        body (Body): Proportions.
        skin (Colour): Skin colour.
        upper (Garment): What covers the torso.
        lower (Garment): What covers the legs.
        hair (Cue): Style and colour.
        hat (Cue): Headgear.
        chest_print (Cue): Picture on the chest.
        shoes (Cue): Shoes.
        bag (Cue): What is carried.
    """

    person_id: int
    family: int
    body: Body
    skin: Colour
    upper: Garment
    lower: Garment
    hair: Cue
    hat: Cue
    chest_print: Cue
    shoes: Cue
    bag: Cue

    def differences(self, other: 'Identity') -> tuple[str, ...]:
        """Return the names of the fields in which two people look different."""
        names = [f.name for f in fields(self) if f.name not in ('person_id', 'family')]
        return tuple(n for n in names if getattr(self, n) != getattr(other, n))
