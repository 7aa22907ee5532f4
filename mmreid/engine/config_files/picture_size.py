"""The size of pictures, which a config states in one line."""

from typing import Any

from mmreid.engine.config_files.pipeline_steps import kind_of, steps_of


def set_picture_size(config: Any, height: int, width: int) -> None:
    """Give the pictures of a config another size, wherever it has one.

    A config file that inherits another one says with it what it needs, for mmengine
    has made the pipelines of a base before the heir is read::

        _base_ = './bot_r50_market.py'
        from mmreid.engine import set_picture_size

        set_picture_size(_base_, height=384, width=128)

    Each ``Resize`` of training, validation and test gets the size, and with it each
    ``RandomCrop`` that crops to the size before; in variables for heirs, too. So does
    ``model.backbone.img_size``, where a trunk has positions for one size.

    Args:
        config (Any): A config, or the ``_base_`` of one; changed in place.
        height (int): Height of the pictures.
        width (int): Their width.

    Raises:
        ValueError: There is no ``Resize``, or a number is below 1.
    """
    if min(height, width) < 1:
        raise ValueError(
            f'height and width must be at least 1, got {height} and {width}.'
        )
    steps = [*steps_of(config)]
    resizes = [step for step in steps if kind_of(step) == 'Resize']
    if not resizes:
        raise ValueError(
            'set_picture_size needs a config whose pipelines have a Resize, got none.'
        )
    before = {(step['scale'][1], step['scale'][0]) for step in resizes}
    for step in steps:
        if kind_of(step) == 'RandomCrop' and tuple(step['crop_size']) in before:
            step['crop_size'] = (height, width)
    for step in resizes:
        step['scale'] = (width, height)
    backbone = (config.get('model') or {}).get('backbone') or {}
    if 'img_size' in backbone:
        backbone['img_size'] = (height, width)
