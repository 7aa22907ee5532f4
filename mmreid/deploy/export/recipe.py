"""How a test pipeline resizes, as an exported file tells it."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Recipe(NamedTuple):
    """A picture of any size to one that the network takes.

    Attributes:
        height: In pixels.
        width: In pixels.
        interpolation: Such as ``'bilinear'``.
        resize_backend: ``'cv2'`` or ``'pillow'``.
    """

    height: int
    width: int
    interpolation: str
    resize_backend: str


_REST = ['Resize', 'PackInputs']
_LOADS = ('LoadImage', 'LoadImageFromFile')
# With these alone, reading gives what OpenCV reads.
_READING = dict(
    to_float32=False, color_type='color', imdecode_backend='cv2', depth=None
)


def find_recipe(pipeline: Sequence[dict[str, Any]]) -> Recipe:
    """Find how a test pipeline resizes.

    Args:
        pipeline (Sequence[dict]): Configs of its steps.

    Returns:
        Recipe: Size and interpolation.

    Raises:
        ValueError: It does something else to a picture, or does not resize to one size.
    """
    steps = [dict(step) for step in pipeline]
    names = [_name(step) for step in steps]
    if names[:1] not in [[load] for load in _LOADS] or names[1:] != _REST:
        raise ValueError(
            'The test pipeline must do nothing to a picture but resize it once, or the '
            f'file could not tell how to prepare one; got the steps {names}. Export a '
            f'config whose test pipeline is {", ".join([_LOADS[0], *_REST])}.'
        )
    load, resize, _ = steps
    for key, value in _READING.items():
        if load.get(key, value) != value:
            raise ValueError(
                f'{names[0]} must have {key}={value!r}, as pictures are read where the '
                f'file is used, got {load[key]!r}.'
            )
    scale = resize.get('scale')
    sizes = [scale, scale] if isinstance(scale, int) else [*(scale or ())]
    if resize.get('keep_ratio') or len(sizes) != 2:
        raise ValueError(
            'Resize must have a scale of two numbers, (width, height), and '
            f'keep_ratio=False, got {resize}; all pictures of a batch have one size.'
        )
    width, height = sizes
    return Recipe(
        int(height),
        int(width),
        resize.get('interpolation', 'bilinear'),
        resize.get('backend') or 'cv2',
    )


def _name(step: dict[str, Any]) -> str:
    """The type of a step, without the package it comes from."""
    kind = step['type']
    word = kind if isinstance(kind, str) else kind.__name__
    return word.rpartition('.')[2]
