"""Pictures of where a network's interaction-and-aggregation blocks look."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mmengine.config import Config
from torch import Tensor

from mmreid.apis.block_views import BlockView, view_blocks
from mmreid.apis.model import init_model
from mmreid.registry import TRANSFORMS
from mmreid.visualization import (
    RankedPicture,
    SheetLayout,
    automatic_points,
    draw_channel,
    draw_field,
    draw_points,
    draw_sheet,
    field_of,
)

LAYOUT = SheetLayout(height=256, width=128, frame=1, caption=22)
Points = Sequence[tuple[float, float]]


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
        channels (Sequence[int]): Channels, from 0. Defaults to none: the three that
            vary most over the picture.
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
    target = Path(out_file)
    if target.suffix not in ('.jpg', '.jpeg', '.png'):
        raise ValueError(f'A drawing is a .jpg or .png file, but the name is {target}')
    picture = cv2.imread(str(image), cv2.IMREAD_COLOR)
    if picture is None:
        raise FileNotFoundError(f'No picture can be read from {image}')
    model: Any = init_model(cfg, checkpoint)
    views = view_blocks(model.backbone, _inputs(cfg, model, image), kinds)
    places = _places(points, picture, views[-1])
    picture = cv2.resize(picture, (LAYOUT.width, LAYOUT.height))
    rows = []
    for view in views:
        fields = [_fields(view, kind, picture, places, threshold) for kind in kinds]
        fields[0] += _channels(view, channels, picture)
        rows += fields
    title = f'{Path(image).name}   {Path(cfg.filename).stem}   (value x positions)'
    sheet = draw_sheet(rows, title, LAYOUT)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(cv2.imencode(target.suffix, sheet)[1].tobytes())
    return target


def _inputs(cfg: Config, model: Any, image: str | Path) -> Tensor:
    """Lead a picture through the test pipeline and the data preprocessor."""
    loaders = cfg.test_dataloader
    loader = loaders[0] if isinstance(loaders, list) else loaders
    results: dict[str, Any] = dict(img_path=str(image), gt_label=0)
    for transform in loader.dataset.pipeline:
        results = TRANSFORMS.build(transform)(results)
    return model.data_preprocessor(dict(inputs=[results['inputs']]))['inputs']


def _places(points: Points, picture: np.ndarray, view: BlockView) -> Points:
    """Express points as fractions of the picture's sides, or choose some."""
    if not points:
        return automatic_points(np.square(view.output).sum(0))
    height, width = picture.shape[:2]
    outside = [(x, y) for x, y in points if not (0 <= x < width and 0 <= y < height)]
    if outside:
        raise ValueError(
            f'Points must lie in the picture of {width} x {height} pixels, but got '
            f'{outside}'
        )
    return [(x / width, y / height) for x, y in points]


def _fields(
    view: BlockView, kind: str, picture: np.ndarray, places: Points, threshold: float
) -> list[RankedPicture]:
    """Draw the picture with its points, and the field of each."""
    name = view.name.removesuffix('.after')
    row = [RankedPicture(draw_points(picture, places), f'{name}  {kind}')]
    for number, place in enumerate(places, 1):
        field = field_of(view.relations[kind], view.size, place)
        low, high = (_short(v * field.size) for v in (field.min(), field.max()))
        drawn = draw_field(picture, field, place, threshold)
        row.append(RankedPicture(drawn, f'{number}: {low} - {high}'))
    return row


def _short(value: float) -> str:
    """Write a number in a few letters, one near 1 with the digits that tell."""
    return f'{value:.6f}' if abs(value - 1) < 0.01 else f'{value:.3g}'


def _channels(
    view: BlockView, channels: Sequence[int], picture: np.ndarray
) -> list[RankedPicture]:
    """Draw channels of a block's output, those that vary most if none is named."""
    count = len(view.output)
    wrong = [channel for channel in channels if not 0 <= channel < count]
    if wrong:
        raise ValueError(f'{view.name} has channels 0 to {count - 1}, but got {wrong}')
    if not channels:
        spread = view.output.std((1, 2))
        channels = np.argsort(-spread, kind='stable')[:3].tolist()
    return [
        RankedPicture(draw_channel(picture, view.output[index]), f'channel {index}')
        for index in channels
    ]
