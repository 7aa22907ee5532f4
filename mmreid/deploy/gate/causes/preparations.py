"""Ways to prepare pictures for a network, the config's and the usual wrong ones."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor

# What a faithful preparation is called.
FAITHFUL = 'as the config has it'
_ALL = 255.0


class Normalisation(NamedTuple):
    """What a data preprocessor makes of a pixel: ``matrix @ pixel + offset``.

    Attributes:
        matrix: ``(3, 3)`` float64, from the pixel's channels to the network's.
        offset: ``(3,)`` float64.
    """

    matrix: Tensor
    offset: Tensor

    @classmethod
    def of(cls, preprocessor: Any, pictures: Tensor) -> 'Normalisation | None':
        """Find it by what the preprocessor makes of black and of three colours.

        Args:
            preprocessor (Any): Data preprocessor of a network.
            pictures (Tensor): ``(N, 3, H, W)`` uint8, on which it is tried.

        Returns:
            Normalisation | None: None where the preprocessor does anything else, so
            that it cannot be taken apart.
        """
        probes = pictures.new_zeros((4, *pictures.shape[1:]))
        for channel in range(3):
            probes[channel + 1, channel] = int(_ALL)
        values = prepare(preprocessor, probes)[:, :, 0, 0].double()
        found = cls(((values[1:] - values[0]) / _ALL).T, values[0])
        wanted = prepare(preprocessor, pictures)
        given = found.apply(pictures)
        if given.shape != wanted.shape or not torch.allclose(given, wanted, atol=1e-3):
            return None
        # One channel of the picture makes one of the network's.
        one = (found.matrix != 0).sum(dim=1) == 1
        return found if bool(one.all()) else None

    @property
    def scale(self) -> Tensor:
        """Factor of each of the network's channels, ``(3, 1, 1)``."""
        return self.matrix.sum(dim=1)[:, None, None]

    @property
    def shift(self) -> Tensor:
        """What is added to each of the network's channels, ``(3, 1, 1)``."""
        return self.offset[:, None, None]

    def order(self, pixels: Tensor) -> Tensor:
        """Put channels in the network's order, and do no more."""
        return pixels.double()[:, (self.matrix != 0).double().argmax(dim=1)]

    def apply(self, pixels: Tensor) -> Tensor:
        """Prepare pixels ``(N, 3, H, W)`` as the preprocessor does."""
        return (self.order(pixels) * self.scale + self.shift).float()


def prepare(preprocessor: Any, pictures: Tensor) -> Tensor:
    """Have a data preprocessor prepare pictures ``(N, 3, H, W)``.

    Args:
        preprocessor (Any): Of a network.
        pictures (Tensor): uint8, in the order that the preprocessor expects.
    """
    return preprocessor(dict(inputs=pictures), False)['inputs']


def wrong_preparations(
    pictures: Tensor, normalisation: Normalisation
) -> Iterator[tuple[str, Tensor]]:
    """Prepare pictures in each of the ways that are wrong.

    Args:
        pictures (Tensor): ``(N, 3, H, W)`` uint8, as the preprocessor expects them.
        normalisation (Normalisation): Of the preprocessor.

    Yields:
        tuple[str, Tensor]: The cause that the way stands for, and what would reach the
        network; a cause may come several times.
    """
    right, plain = normalisation.apply, normalisation.order(pictures)
    scale, shift = normalisation.scale, normalisation.shift
    yield 'swapped channels', right(pictures.flip(1))
    yield from _wrong_axes(pictures, normalisation)
    if bool((scale == 1).all()) and not bool(shift.any()):
        return  # pixels are taken as they are, however often
    once = right(pictures)
    yield 'normalised twice', (once * scale + shift).float()
    yield 'normalised twice', right(once)  # and channels swapped twice
    yield 'not normalised', plain.float()
    yield 'divided by 255 only', (plain / _ALL).float()
    yield 'divided by 255 before normalising', right(pictures / _ALL)
    swapped = plain * scale.flip(0) + shift.flip(0)
    yield 'mean and deviation of swapped channels', swapped.float()


def _wrong_axes(
    pictures: Tensor, normalisation: Normalisation
) -> Iterator[tuple[str, Tensor]]:
    """Take one axis for another, or read memory as if it were."""
    sides, right = pictures.shape[2:], normalisation.apply
    cause = 'height and width interchanged'
    yield cause, right(pictures.transpose(2, 3))
    if sides[0] != sides[1]:
        # (N, W, H, 3) in memory, taken for (N, H, W, 3); and the reverse.
        turned = pictures.permute(0, 3, 2, 1).reshape(-1, *sides, 3)
        yield cause, right(turned.permute(0, 3, 1, 2))
        plain = pictures.permute(0, 2, 3, 1).reshape(-1, sides[1], sides[0], 3)
        yield cause, right(plain.permute(0, 3, 1, 2))
    mixed = pictures.permute(0, 2, 3, 1).reshape(-1, 3, *sides)
    yield 'axes reshaped in place of transposed', right(mixed)
