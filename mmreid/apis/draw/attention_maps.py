"""What the attention of a network relates, module by module, and pictures of it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from mmengine.config import Config
from torch import Tensor, nn

from mmreid.apis.draw.pictures import Picture, find_pictures, prepare_pictures
from mmreid.apis.draw.sheets import (
    LAYOUT,
    Points,
    caption_range,
    check_sheet,
    place_points,
    write_sheet,
)
from mmreid.apis.file_models import refuse_exported
from mmreid.apis.model import init_model
from mmreid.visualization import (
    RankedPicture,
    draw_attention,
    draw_points,
    field_of,
    related_points,
)


class AttentionView(NamedTuple):
    """What one attention related in some pictures.

    Attributes:
        name: Of the module, such as ``'backbone.layer2.3.after'``.
        relations: Row i tells what position i takes from each, ``(N, M, M)``,
            M = H * W.
        strength: How much a position of the map answers that the attention read, the
            sum of its squares over the channels, ``(N, H, W)``.
    """

    name: str
    relations: np.ndarray
    strength: np.ndarray


def view_attention(model: Any, inputs: Tensor) -> list[AttentionView]:
    """Run a network and compute the maps of its attention on the way.

    An attention is a module with the method ``relation_map(x)``, which returns
    ``(N, M, M)`` (or ``(1, M, M)``) for the map x ``(N, C, H, W)`` that its ``forward``
    gets, such as SONA and SIA. If it does not relate positions it says so by an
    attribute, such as ``relates = 'channels'``. Nothing is computed where nobody asks.

    Args:
        model (Any): A :class:`PersonReID` in evaluation mode.
        inputs (Tensor): Preprocessed pictures, ``(N, 3, H, W)``.

    Returns:
        list[AttentionView]: In the order in which they ran.

    Raises:
        ValueError: No module relates positions.
    """
    views: list[AttentionView] = []
    hooks = [
        module.register_forward_pre_hook(partial(_keep, views, name))
        for name, module in model.named_modules()
        if hasattr(module, 'relation_map')
        and getattr(module, 'relates', 'positions') == 'positions'
    ]
    if not hooks:
        raise ValueError(
            'No module of this network relates positions; it needs one such as SONA '
            '(configs/sonanet) or SIA (configs/ianet).'
        )
    try:
        with torch.no_grad():
            # Not the whole model: it may embed the mirrored pictures as well.
            model.head(model.backbone(inputs))
    finally:
        for hook in hooks:
            hook.remove()
    return views


def _keep(
    views: list[AttentionView], name: str, module: nn.Module, args: tuple[Any, ...]
) -> None:
    """Compute the map of an attention right before it runs."""
    x: Tensor = args[0]
    attention: Any = module
    size = x.shape[2:]
    relations = attention.relation_map(x).expand(len(x), -1, -1)
    if relations.shape[1:] != (size.numel(), size.numel()):
        raise ValueError(
            f'relation_map must relate all {size.numel()} positions of the map, but '
            f'that of {name} is {tuple(relations.shape)}; if it relates something else '
            'than positions, let it tell so by an attribute `relates`.'
        )
    strength = x.double().square().sum(1)
    views.append(
        AttentionView(name, relations.double().cpu().numpy(), strength.cpu().numpy())
    )


def draw_attention_maps(
    cfg: Config,
    checkpoint: str | Path | None,
    out_file: str | Path,
    *,
    source: str | Path | None = None,
    points: Points = (),
    top: int = 10,
    count: int = 4,
) -> Path:
    """Draw what reference points of pictures attend to.

    A row for every picture and attention: the picture with its numbered points, then
    the heat map of each, the point in green and its strongest related ones in red.
    Under a map stand its smallest and largest value times the number of positions, so
    that 1 is what a mean over the whole map would have.

    Args:
        cfg (Config): Config of the network, with a test pipeline.
        checkpoint (str | Path, optional): Weights; None for those that training
            begins with.
        out_file (str | Path): A .jpg or .png file; folders are made.
        source (str | Path, optional): A picture or a folder of pictures. Defaults to
            None, the queries of the test set.
        points (Sequence[tuple[float, float]]): (x, y) in pixels of each picture.
            Defaults to none: five points from top to bottom, where the map that the
            last attention reads answers most.
        top (int): How many related points to mark. Defaults to 10.
        count (int): Number of pictures at most. Defaults to 4.

    Returns:
        Path: ``out_file``.

    Raises:
        ValueError: An argument that does not fit a picture or the network.
        FileNotFoundError: There is no such picture.
    """
    refuse_exported('looked into', cfg, checkpoint)
    target = check_sheet(out_file)
    if top < 0:
        raise ValueError(f'top must not be negative, got {top}.')
    pictures = find_pictures(cfg, source, count)
    model: Any = init_model(cfg, checkpoint)
    rows = attention_rows(cfg, model, pictures, points, top)
    title = f'{Path(cfg.filename).stem}   attention (value x positions)'
    return write_sheet(target, rows, title)


def attention_rows(
    cfg: Config,
    model: Any,
    pictures: Sequence[Picture],
    points: Points = (),
    top: int = 10,
) -> list[list[RankedPicture]]:
    """Draw the rows of :func:`draw_attention_maps`.

    Args:
        cfg (Config): Config of the network, with a test pipeline.
        model (Any): The network.
        pictures (Sequence[Picture]): What it looks at.
        points (Sequence[tuple[float, float]]): As there. Defaults to none.
        top (int): As there. Defaults to 10.

    Returns:
        list[list[RankedPicture]]: The picture with its points, then the map of each.

    Raises:
        ValueError: No module of the network relates positions.
    """
    rows = []
    for picture in pictures:
        # One at a time: a picture's maps may be large.
        inputs = prepare_pictures(cfg, model, [picture.path])
        views = view_attention(model, inputs)
        image = picture.read()
        places = place_points(points, image, views[-1].strength[0])
        image = cv2.resize(image, (LAYOUT.width, LAYOUT.height))
        marked = draw_points(image, places)
        for view in views:
            first = RankedPicture(marked, f'{_short_name(view)}  {picture.caption}')
            rows.append([first, *_maps(view, image, places, top)])
    return rows


def _short_name(view: AttentionView) -> str:
    """Name an attention's place in the network without the words that all have."""
    return view.name.removeprefix('backbone.').replace('.after', '')


def _maps(
    view: AttentionView, image: np.ndarray, places: Points, top: int
) -> list[RankedPicture]:
    """Draw the heat map of each point."""
    height, width = view.strength.shape[1:]
    drawn = []
    for number, place in enumerate(places, 1):
        field = field_of(view.relations[0], (height, width), place)
        heat = draw_attention(image, field, place, related_points(field, place, top))
        drawn.append(RankedPicture(heat, caption_range(number, field)))
    return drawn
