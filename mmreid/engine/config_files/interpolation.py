"""How pictures are resized, which a config states in one line."""

from typing import Any

from mmreid.arguments import check_choice
from mmreid.engine.config_files.pipeline_steps import kind_of, steps_of

# Of mmcv's resizing, by library.
_KNOWN = {
    'cv2': ('nearest', 'bilinear', 'bicubic', 'area', 'lanczos'),
    'pillow': ('nearest', 'bilinear', 'bicubic', 'box', 'lanczos', 'hamming'),
}


def set_interpolation(
    config: Any, interpolation: str = 'bicubic', backend: str = 'pillow'
) -> None:
    """Have the pictures of a config resized by another library or rule.

    Weights of other programs go with the pixels that those programs make. Pillow
    averages all the pixels that a smaller one covers, and OpenCV takes two (bilinear)
    or four (bicubic) in each direction, so that one crop gives two different pictures.
    A config file says with it what it needs, beside
    :func:`~mmreid.engine.set_picture_size`::

        _base_ = './bot_r50_market.py'
        from mmreid.engine import set_interpolation

        set_interpolation(_base_, interpolation='bicubic', backend='pillow')

    Each ``Resize`` of training, validation and test is changed; in variables for heirs,
    too.

    Args:
        config (Any): A config, or the ``_base_`` of one; changed in place.
        interpolation (str): ``'nearest'``, ``'bilinear'``, ``'bicubic'``,
            ``'lanczos'``; ``'area'`` of OpenCV; ``'box'``, ``'hamming'`` of Pillow.
            Defaults to ``'bicubic'``.
        backend (str): ``'pillow'`` or ``'cv2'``. Defaults to ``'pillow'``.

    Raises:
        ValueError: There is no ``Resize``, library or rule of that name.
    """
    check_choice('backend', backend, _KNOWN)
    check_choice(f'interpolation of {backend}', interpolation, _KNOWN[backend])
    resizes = [step for step in steps_of(config) if kind_of(step) == 'Resize']
    if not resizes:
        raise ValueError(
            'set_interpolation needs a config whose pipelines have a Resize, got none.'
        )
    for step in resizes:
        step.update(interpolation=interpolation, backend=backend)
