"""Random erasing of the pictures of a batch at once."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from mmreid.arguments import check_choice
from mmreid.registry import MODELS


def _three(values: float | Sequence[float]) -> tuple[float, ...]:
    """One value a channel."""
    if isinstance(values, Sequence):
        return tuple(values)
    return (values,) * 3


def _place(draw: Tensor, free: Tensor) -> Tensor:
    """Turn numbers in [0, 1) into integers below ``free``, or 0 where that is 0."""
    # The last possible place is never drawn, as in mmpretrain. A product may round up.
    return torch.minimum((draw * free).floor(), free - 1).clamp_min(0)


@MODELS.register_module()
class BatchRandomErasing(nn.Module):
    """Erase a rectangle of each picture of a batch, on the batch's device.

    The distribution is that of mmpretrain's ``RandomErasing`` in a pipeline, which
    takes the same arguments: every picture has its own lot, rectangle and noise. Draws
    come from torch's generator of the pictures' device, the same number of them
    whatever they turn out to be, and nothing waits for the device. Pictures are uint8,
    or floating point with the same range of 0 to 255.

    Source: `Random Erasing Data Augmentation <https://arxiv.org/abs/1708.04896>`_.

    Args:
        erase_prob (float): Probability to erase a part of a picture.
            Defaults to 0.5.
        min_area_ratio (float): Smallest area, as a share of the picture's.
            Defaults to 0.02.
        max_area_ratio (float): Largest area. Defaults to 0.4.
        aspect_range (float | Sequence[float]): Range of height / width, whose
            logarithm is uniform; a number r means ``(r, 1 / r)``. Defaults to
            (0.3, 10 / 3).
        mode (str): ``'const'``: one colour; ``'rand'``: noise. Defaults to
            ``'const'``.
        fill_color (float | Sequence[float]): The colour, in the order of the pictures'
            channels (BGR, where the pipeline reads them), cut off to integers; in
            mode ``'rand'`` the noise's mean. Defaults to (128, 128, 128).
        fill_std (float | Sequence[float], optional): Standard deviation of normal
            noise, for mode ``'rand'``; None for uniform noise. Defaults to None.

    Raises:
        ValueError: An argument is out of range.
    """

    def __init__(
        self,
        erase_prob: float = 0.5,
        min_area_ratio: float = 0.02,
        max_area_ratio: float = 0.4,
        aspect_range: float | Sequence[float] = (3 / 10, 10 / 3),
        mode: Literal['const', 'rand'] = 'const',
        fill_color: float | Sequence[float] = (128, 128, 128),
        fill_std: float | Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        if not isinstance(aspect_range, Sequence):
            aspect_range = sorted((aspect_range, 1 / aspect_range))
        if not 0 <= erase_prob <= 1:
            raise ValueError(f'erase_prob must lie in [0, 1], got {erase_prob}.')
        if not 0 < min_area_ratio <= max_area_ratio <= 1:
            raise ValueError(
                'Areas must satisfy 0 < min_area_ratio <= max_area_ratio <= 1, got '
                f'{min_area_ratio} and {max_area_ratio}.'
            )
        if len(aspect_range) != 2 or not 0 < aspect_range[0] <= aspect_range[1]:
            raise ValueError(
                'aspect_range must be two positive numbers, the smaller one first, '
                f'got {aspect_range}.'
            )
        check_choice('mode', mode, ('const', 'rand'))
        self.erase_prob = erase_prob
        self.area_range = (min_area_ratio, max_area_ratio)
        self.aspect_range = tuple(aspect_range)
        self.mode = mode
        self.fill_color = _three(fill_color)
        self.fill_std = None if fill_std is None else _three(fill_std)

    def forward(self, images: Tensor) -> Tensor:
        """Map pictures ``(N, 3, H, W)`` to pictures of the same shape and dtype."""
        number, _, height, width = images.shape
        erased = torch.rand(number, device=images.device) < self.erase_prob
        top, left, h, w = self.rectangles(number, (height, width), images.device)
        rows = self._within(top, h, height)
        columns = self._within(left, w, width)
        inside = rows[:, :, None] & columns[:, None] & erased[:, None, None]
        return torch.where(inside[:, None], self._fill(images), images)

    def rectangles(
        self, number: int, size: tuple[int, int], device: torch.device | str = 'cpu'
    ) -> Tensor:
        """Draw rectangles.

        Args:
            number (int): How many, N.
            size (tuple[int, int]): Height and width of the pictures.
            device (torch.device | str): Where. Defaults to ``'cpu'``.

        Returns:
            Tensor: Top, left, height and width, ``(4, N)``, integers as float32.
        """
        draws = torch.rand(4, number, device=device)
        low, high = self.area_range
        area = size[0] * size[1] * (low + (high - low) * draws[0])
        low, high = self.aspect_range
        aspect = low * (high / low) ** draws[1]
        h = (area * aspect).sqrt().round().clamp_max(size[0])
        w = (area / aspect).sqrt().round().clamp_max(size[1])
        top, left = _place(draws[2], size[0] - h), _place(draws[3], size[1] - w)
        return torch.stack([top, left, h, w])

    @staticmethod
    def _within(start: Tensor, length: Tensor, side: int) -> Tensor:
        """Tell which of a side's points lie in each rectangle, ``(N, side)``."""
        points = torch.arange(side, device=start.device)
        return (points >= start[:, None]) & (points < (start + length)[:, None])

    def _fill(self, images: Tensor) -> Tensor:
        """Make what erased parts show, broadcastable to the pictures."""
        if self.mode == 'const':
            colour = [float(int(value)) for value in self.fill_color]
            planes = [images.new_full((1, 1, 1), value) for value in colour]
            return torch.cat(planes)
        if self.fill_std is None:
            noise = torch.rand(images.shape, device=images.device) * 256
        else:
            noise = torch.randn(images.shape, device=images.device)
            for channel, (mean, std) in enumerate(
                zip(self.fill_color, self.fill_std, strict=True)
            ):
                noise[:, channel].mul_(std).add_(mean)
        return noise.trunc().clamp(0, 255).to(images.dtype)
