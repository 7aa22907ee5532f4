"""Pictures of what the attention of a network relates."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mmengine.config import Config

from mmreid.apis.attention_views import AttentionView, view_attention
from mmreid.apis.model import init_model
from mmreid.apis.pictures import find_pictures, prepare_pictures
from mmreid.visualization import (
    RankedPicture,
    SheetLayout,
    automatic_points,
    draw_attention,
    draw_points,
    draw_sheet,
    field_of,
    related_points,
)

LAYOUT = SheetLayout(height=256, width=128, frame=1, caption=22)
Points = Sequence[tuple[float, float]]


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
    target = Path(out_file)
    if target.suffix not in ('.jpg', '.jpeg', '.png'):
        raise ValueError(f'A drawing is a .jpg or .png file, but the name is {target}')
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
        places = _places(points, image, views[-1])
        image = cv2.resize(image, (LAYOUT.width, LAYOUT.height))
        for view in views:
            name = view.name.removeprefix('backbone.').removesuffix('.after')
            marked = RankedPicture(draw_points(image, places), picture.caption)
            rows.append([marked, *_maps(view, name, image, places, top)])
    title = f'{Path(cfg.filename).stem}   attention (value x positions)'
    sheet = draw_sheet(rows, title, LAYOUT)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(cv2.imencode(target.suffix, sheet)[1].tobytes())
    return target


def _places(points: Points, picture: np.ndarray, view: AttentionView) -> Points:
    """Express points as fractions of the picture's sides, or choose some."""
    if not points:
        return automatic_points(view.strength[0])
    height, width = picture.shape[:2]
    outside = [(x, y) for x, y in points if not (0 <= x < width and 0 <= y < height)]
    if outside:
        raise ValueError(
            f'Points must lie in the picture of {width} x {height} pixels, but got '
            f'{outside}'
        )
    return [(x / width, y / height) for x, y in points]


def _maps(
    view: AttentionView, name: str, image: np.ndarray, places: Points, top: int
) -> list[RankedPicture]:
    """Draw the heat map of each point."""
    height, width = view.strength.shape[1:]
    drawn = []
    for number, place in enumerate(places, 1):
        field = field_of(view.relations[0], (height, width), place)
        related = related_points(field, place, top)
        low, high = (
            f'{value * field.size:.4g}' for value in (field.min(), field.max())
        )
        heat = draw_attention(image, field, place, related)
        drawn.append(RankedPicture(heat, f'{name} {number}: {low}-{high}'))
    return drawn
