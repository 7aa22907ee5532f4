"""Pictures of where a network's interaction-and-aggregation blocks look."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mmengine.config import Config

from mmreid.apis.draw.block_views import BlockView, view_blocks
from mmreid.apis.draw.figures import (
    LAYOUT,
    Points,
    check_figure,
    place_points,
    tell_range,
    write_figure,
)
from mmreid.apis.draw.pictures import prepare_pictures
from mmreid.apis.model import init_model
from mmreid.visualization import (
    RankedPicture,
    draw_channel,
    draw_field,
    draw_points,
    field_of,
    read_picture,
)


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
    target = check_figure(out_file)
    picture = read_picture(image)
    model: Any = init_model(cfg, checkpoint)
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
    title = f'{Path(image).name}   {Path(cfg.filename).stem}   (value x positions)'
    return write_figure(target, rows, title)


def _check_channels(channels: Sequence[int], views: Sequence[BlockView]) -> None:
    """Refuse channels that no block has."""
    count = max(len(view.output) for view in views)
    wrong = [channel for channel in channels if not 0 <= channel < count]
    if wrong:
        raise ValueError(f'The blocks have channels 0 to {count - 1}, but got {wrong}')


def _fields(
    view: BlockView, kind: str, picture: np.ndarray, places: Points, threshold: float
) -> list[RankedPicture]:
    """Draw the picture with its points, and the field of each."""
    name = view.name.removesuffix('.after')
    row = [RankedPicture(draw_points(picture, places), f'{name}  {kind}')]
    for number, place in enumerate(places, 1):
        field = field_of(view.relations[kind], view.size, place)
        drawn = draw_field(picture, field, place, threshold)
        row.append(RankedPicture(drawn, tell_range(number, field)))
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
