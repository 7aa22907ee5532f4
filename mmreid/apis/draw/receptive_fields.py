"""What interaction-and-aggregation blocks relate in a picture, and drawings of it."""

import copy
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from mmengine.config import Config
from torch import Tensor, nn

from mmreid.apis.draw.pictures import prepare_pictures
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
    draw_channel,
    draw_field,
    draw_points,
    field_of,
    read_picture,
)


class BlockView(NamedTuple):
    """What one block did with one picture.

    Attributes:
        name: Of the plugin, such as ``'layer3.5.after'``.
        relations: Relation maps ``(M, M)``, M = H * W, by their kind.
        output: The map that left the block, ``(C, H, W)``.
    """

    name: str
    relations: dict[str, np.ndarray]
    output: np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the map."""
        height, width = self.output.shape[1:]
        return height, width


def view_blocks(
    backbone: nn.Module, inputs: Tensor, kinds: Sequence[str] = ('S',)
) -> list[BlockView]:
    """Run a backbone and compute what its blocks relate on the way.

    Args:
        backbone (nn.Module): With IA blocks, in evaluation mode.
        inputs (Tensor): One preprocessed picture, ``(1, 3, H, W)``.
        kinds (Sequence[str]): Relation maps: ``'S'``, which the block uses; ``'SA'``
            and ``'SL'``, appearance and location alone; ``'K1'``, ``'K2'``, ...,
            appearance by patches of that size alone. Defaults to ('S', ).

    Returns:
        list[BlockView]: In the order of the network.

    Raises:
        ValueError: An unknown kind, or no block that relates positions.
    """
    wrong = [kind for kind in kinds if not re.fullmatch(r'S|SA|SL|K[1-9]\d*', kind)]
    if wrong or not kinds:
        raise ValueError(f"Maps are 'S', 'SA', 'SL', 'K1', ..., got {wrong}.")
    views: list[BlockView] = []
    hooks = [
        plugin.register_forward_hook(partial(_keep, views, name, kinds))
        for name, plugin in getattr(backbone, 'named_plugins', tuple)()
        if getattr(plugin, 'sia', None) is not None
    ]
    if not hooks:
        raise ValueError(
            'No plugin of this network relates positions; it needs an IABlock with '
            'SIA, as in configs/ianet.'
        )
    try:
        with torch.no_grad():
            backbone(inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return views


def _keep(
    views: list[BlockView],
    name: str,
    kinds: Sequence[str],
    block: Any,
    args: tuple[Tensor],
    output: Tensor,
) -> None:
    """Compute a block's relation maps right after it has run."""
    relations = {kind: _relations(block, *args, kind) for kind in kinds}
    views.append(BlockView(name, relations, output[0].double().cpu().numpy()))


def _relations(block: Any, x: Tensor, kind: str) -> np.ndarray:
    """Compute a relation map of the first picture."""
    if kind == 'S':
        relations = block.relation_maps(x)['sia']
    else:
        sia = copy.deepcopy(block.sia)
        sia.relations = 'location' if kind == 'SL' else 'appearance'
        if kind.startswith('K'):
            sia.contexts = (int(kind[1:]),)
        relations = sia.relation_map(x)
    return relations[0].double().cpu().numpy()


def draw_receptive_fields(
    cfg: Config,
    checkpoint: str | Path | None,
    image: str | Path,
    out_file: str | Path,
    *,
    points: Points = (),
    channels: Sequence[int] = (),
    kinds: Sequence[str] = ('S',),
    threshold: float = 0.5,
) -> Path:
    """Draw the receptive fields of points of a picture, and channels of the blocks.

    A row for every IA block and relation map: the picture with its points, then each
    point's field. Under a field stand its smallest and largest value times the number
    of positions, so that 1 is what a mean over the whole map would have. At the end
    of a block's first row are channels of the map that leaves it.

    Args:
        cfg (Config): Config of the network, with a test pipeline.
        checkpoint (str | Path, optional): Weights; None for those that training
            begins with.
        image (str | Path): The picture.
        out_file (str | Path): A .jpg or .png file; folders are made.
        points (Sequence[tuple[float, float]]): (x, y) in pixels of the picture.
            Defaults to none: five points from top to bottom, where the last block's
            map answers most.
        channels (Sequence[int]): Channels, from 0, of every block that has as many.
            Defaults to none: the three that vary most over the picture.
        kinds (Sequence[str]): Relation maps, see :func:`view_blocks`.
            Defaults to ('S', ).
        threshold (float): What of a field is valid, between its smallest value, 0, and
            its largest, 1; the rest is dimmed. Defaults to 0.5.

    Returns:
        Path: ``out_file``.

    Raises:
        ValueError: An argument that does not fit the picture or the network.
        FileNotFoundError: The picture cannot be read.
    """
    refuse_exported('looked into', cfg, checkpoint)
    target = check_sheet(out_file)
    read_picture(image)  # before anything is built
    model: Any = init_model(cfg, checkpoint)
    rows = field_rows(
        cfg,
        model,
        image,
        points=points,
        channels=channels,
        kinds=kinds,
        threshold=threshold,
    )
    title = f'{Path(image).name}   {Path(cfg.filename).stem}   (value x positions)'
    return write_sheet(target, rows, title)


def field_rows(
    cfg: Config,
    model: Any,
    image: str | Path,
    *,
    points: Points = (),
    channels: Sequence[int] = (),
    kinds: Sequence[str] = ('S',),
    threshold: float = 0.5,
) -> list[list[RankedPicture]]:
    """Draw the rows of :func:`draw_receptive_fields`.

    Args:
        cfg (Config): Config of the network, with a test pipeline.
        model (Any): The network.
        image (str | Path): The picture.
        points (Sequence[tuple[float, float]]): As there. Defaults to none.
        channels (Sequence[int]): As there. Defaults to none.
        kinds (Sequence[str]): As there. Defaults to ('S', ).
        threshold (float): As there. Defaults to 0.5.

    Returns:
        list[list[RankedPicture]]: The picture with its points, then each one's field.

    Raises:
        ValueError: An argument that does not fit the picture or the network.
        FileNotFoundError: The picture cannot be read.
    """
    picture = read_picture(image)
    inputs = prepare_pictures(cfg, model, [image])
    views = view_blocks(model.backbone, inputs, kinds)
    _check_channels(channels, views)
    places = place_points(points, picture, np.square(views[-1].output).sum(0))
    picture = cv2.resize(picture, (LAYOUT.width, LAYOUT.height))
    rows = []
    for view in views:
        fields = [_fields(view, kind, picture, places, threshold) for kind in kinds]
        fields[0] += _channels(view, channels, picture)
        rows += fields
    return rows


def _check_channels(channels: Sequence[int], views: Sequence[BlockView]) -> None:
    """Refuse channels that no block has."""
    count = max(len(view.output) for view in views)
    wrong = [channel for channel in channels if not 0 <= channel < count]
    if wrong:
        raise ValueError(f'The blocks have channels 0 to {count - 1}, got {wrong}.')


def _fields(
    view: BlockView, kind: str, picture: np.ndarray, places: Points, threshold: float
) -> list[RankedPicture]:
    """Draw the picture with its points, and the field of each."""
    name = view.name.removesuffix('.after')
    row = [RankedPicture(draw_points(picture, places), f'{name}  {kind}')]
    for number, place in enumerate(places, 1):
        field = field_of(view.relations[kind], view.size, place)
        drawn = draw_field(picture, field, place, threshold)
        row.append(RankedPicture(drawn, caption_range(number, field)))
    return row


def _channels(
    view: BlockView, channels: Sequence[int], picture: np.ndarray
) -> list[RankedPicture]:
    """Draw channels of a block's output, those that vary most if none is named."""
    if not channels:
        spread = view.output.std((1, 2))
        channels = np.argsort(-spread, kind='stable')[:3].tolist()
    return [
        RankedPicture(draw_channel(picture, view.output[index]), f'channel {index}')
        for index in channels
        if index < len(view.output)
    ]
