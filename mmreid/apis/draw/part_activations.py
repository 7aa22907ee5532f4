"""Pictures of where the part vectors of a network come from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from mmengine.config import Config
from torch import Tensor

from mmreid.apis.draw.pictures import Picture, find_pictures, prepare_pictures
from mmreid.apis.draw.sheets import LAYOUT, check_sheet, write_sheet
from mmreid.apis.file_models import refuse_exported
from mmreid.apis.model import init_model
from mmreid.arguments import check_choice
from mmreid.visualization import (
    RankedPicture,
    draw_channel,
    frame_stripe,
    part_activations,
    share_of_stripe,
)

# What a pool that relates parts is made of: a part, what the rest adds, and both.
_RELATED = ('part', 'part_relation', 'vector')


def draw_part_activations(
    cfg: Config,
    checkpoint: str | Path | None,
    out_file: str | Path,
    *,
    source: str | Path | None = None,
    branch: str | None = None,
    of: Sequence[str] = (),
    count: int = 4,
) -> Path:
    """Draw pictures, and over them what each part vector of a branch comes from.

    A row for every picture and kind of vector: the picture, then the activation of
    every part, its own largest value in red. Under it stands which share of it lies
    in the part's own stripe, which is framed; "nothing" if no position makes the
    vector longer.

    Args:
        cfg (Config): Config of the network, with a test pipeline.
        checkpoint (str | Path, optional): Weights; None for those that training
            begins with.
        out_file (str | Path): A .jpg or .png file; folders are made.
        source (str | Path, optional): A picture or a folder of pictures. Defaults to
            None, the queries of the test set.
        branch (str, optional): Name of the branch. Defaults to None, the one that
            compares the most parts.
        of (Sequence[str]): Kinds of vectors, see
            :func:`mmreid.visualization.part_activations`. Defaults to none: of parts
            that are related ``part``, ``part_relation`` and ``vector``, of others
            ``vector``.
        count (int): Number of pictures at most. Defaults to 4.

    Returns:
        Path: ``out_file``.

    Raises:
        ValueError: An argument that does not fit the network.
        FileNotFoundError: There is no such picture.
    """
    refuse_exported('looked into', cfg, checkpoint)
    target = check_sheet(out_file)
    pictures = find_pictures(cfg, source, count)
    model: Any = init_model(cfg, checkpoint)
    name = _choose_branch(model.head, branch)
    rows = part_rows(cfg, model, pictures, name, of)
    title = f'{Path(cfg.filename).stem}   parts of {name} and their own stripe'
    return write_sheet(target, rows, title)


def part_rows(
    cfg: Config,
    model: Any,
    pictures: Sequence[Picture],
    branch: str | None = None,
    of: Sequence[str] = (),
) -> list[list[RankedPicture]]:
    """Draw the rows of :func:`draw_part_activations`.

    Args:
        cfg (Config): Config of the network, with a test pipeline.
        model (Any): The network.
        pictures (Sequence[Picture]): What it looks at.
        branch (str, optional): As there. Defaults to None.
        of (Sequence[str]): As there. Defaults to none.

    Returns:
        list[list[RankedPicture]]: The picture, then the activation of each part.

    Raises:
        ValueError: An argument that does not fit the network.
    """
    name = _choose_branch(model.head, branch)
    chosen = model.head.branches[name]
    if not of:
        of = _RELATED if hasattr(chosen.pool, 'part_relation') else _RELATED[-1:]
    inputs = prepare_pictures(cfg, model, [picture.path for picture in pictures])
    with torch.no_grad():
        feats = model.backbone(inputs)
    activations = {kind: part_activations(chosen, feats, kind) for kind in of}
    return [
        _row(picture, kind, cams[index], num_stripes)
        for index, picture in enumerate(pictures)
        for kind, (cams, num_stripes) in activations.items()
    ]


def _choose_branch(head: Any, name: str | None) -> str:
    """Find the branch that was asked for, or the one that compares the most parts."""
    known = dict(getattr(head, 'branches', {}))
    if name is not None:
        check_choice('branch', name, known)
    return name or max(known, key=lambda key: known[key].num_test_parts)


def _row(
    picture: Picture, kind: str, cams: Tensor, num_stripes: int
) -> list[RankedPicture]:
    """Draw a picture and the activations of its parts."""
    image = cv2.resize(picture.read(), (LAYOUT.width, LAYOUT.height))
    row = [RankedPicture(image, f'{kind}  {picture.caption}')]
    for index, cam in enumerate(np.asarray(cams.double().cpu())):
        drawn, name, extent = draw_channel(image, cam), 'whole', ''
        if index < num_stripes and num_stripes > 1 and len(cams) > 1:
            drawn = frame_stripe(drawn, index, num_stripes)
            share = share_of_stripe(cam, index, num_stripes)
            name, extent = f'{index + 1}', f': {100 * share:.0f} %'
        caption = name + (extent if cam.any() else ': nothing')
        row.append(RankedPicture(drawn, caption))
    return row
