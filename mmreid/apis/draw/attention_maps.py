"""Pictures of what the attention of a network relates."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mmengine.config import Config

from mmreid.apis.draw.attention_views import AttentionView, view_attention
from mmreid.apis.draw.figures import (
    LAYOUT,
    Points,
    check_figure,
    place_points,
    tell_range,
    write_figure,
)
from mmreid.apis.draw.pictures import find_pictures, prepare_pictures
from mmreid.apis.model import init_model
from mmreid.visualization import (
    RankedPicture,
    draw_attention,
    draw_points,
    field_of,
    related_points,
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
    target = check_figure(out_file)
    if top < 0:
        raise ValueError(f'top must not be negative, but got {top}')
    pictures = find_pictures(cfg, source, count)
    model: Any = init_model(cfg, checkpoint)
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
    title = f'{Path(cfg.filename).stem}   attention (value x positions)'
    return write_figure(target, rows, title)


def _short_name(view: AttentionView) -> str:
    """Where in the network it is, without what goes without saying."""
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
        drawn.append(RankedPicture(heat, tell_range(number, field)))
    return drawn
