"""What makes a rendered data set easier or harder, beside its size."""

from dataclasses import dataclass, fields

from mmreid.datasets.synthetic.persons.family import LOOK_ALIKES
from mmreid.datasets.synthetic.places.camera import CAMERAS


@dataclass(frozen=True)
class Rendering:
    """How persons are drawn and seen.

    Args:
        look_alikes (float): Share of the persons who wear what one to four others wear,
            too, and differ from them in a bag, the shoes, a print or the hair, from 0
            to 1. Defaults to 0.968.
        cameras (int): How many of the six cameras there are, from 2; ``'mini'`` needs
            four and ``'market'`` five. Defaults to 6.
        occluded (float): Share of the pictures in which something hides a part of the
            person, from 0 to 1. Defaults to 0.07.
        crowded (float): Share of the pictures with somebody else, of whom three in ten
            stand before the person, from 0 to 1. Defaults to 0.1.
        height (int): Of a picture in pixels, even, 16 to 256; a picture is half as
            wide. Defaults to 128.

    Raises:
        ValueError: A setting is out of its range.
    """

    look_alikes: float = LOOK_ALIKES
    cameras: int = len(CAMERAS)
    occluded: float = 0.07
    crowded: float = 0.10
    height: int = 128

    def __post_init__(self) -> None:
        for name in ('look_alikes', 'occluded', 'crowded'):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise ValueError(f'{name} must be a share from 0 to 1, got {share}.')
        if not 2 <= self.cameras <= len(CAMERAS):
            raise ValueError(
                f'cameras must be 2 to {len(CAMERAS)}, got {self.cameras}; a query '
                'needs a picture by another camera.'
            )
        if not 16 <= self.height <= 256 or self.height % 2:
            raise ValueError(
                f'height must be an even number from 16 to 256, got {self.height}.'
            )

    def __str__(self) -> str:
        changed = (
            f'{field.name}={getattr(self, field.name):g}'
            for field in fields(self)
            if getattr(self, field.name) != field.default
        )
        return ', '.join(changed)


#: What the data set is without a setting.
USUAL = Rendering()
