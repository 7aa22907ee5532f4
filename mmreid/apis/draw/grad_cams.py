"""Pictures of what the branches of a network depend on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import torch
from mmengine.config import Config
from mmengine.runner.checkpoint import CheckpointLoader

from mmreid.apis.draw.pictures import Picture, find_pictures, prepare_pictures
from mmreid.apis.draw.sheets import LAYOUT, check_sheet, write_sheet
from mmreid.apis.file_models import refuse_exported
from mmreid.apis.model import init_model
from mmreid.arguments import check_choice
from mmreid.engine import weights_of
from mmreid.visualization import (
    RankedPicture,
    draw_channel,
    grad_cam,
)

_BATCH = 16


def draw_grad_cams(
    cfg: Config,
    checkpoint: str | Path | None,
    out_file: str | Path,
    *,
    source: str | Path | None = None,
    branches: Sequence[str] = (),
    answer: str = 'identity',
    count: int = 8,
) -> Path:
    """Draw pictures, and over them where the answer of each branch comes from.

    A row for every picture: the picture, then the Grad-CAM of each branch, its own
    largest value in red. Where no position speaks for the answer, the caption says
    "nothing".

    Args:
        cfg (Config): Config of the network, with a test pipeline.
        checkpoint (str | Path, optional): Weights; None for those that training
            begins with.
        out_file (str | Path): A .jpg or .png file; folders are made.
        source (str | Path, optional): A picture or a folder of pictures. Defaults to
            None, the queries of the test set.
        branches (Sequence[str]): Names of branches. Defaults to none: all that give
            this answer.
        answer (str): ``'identity'`` or ``'vector'``, see
            :func:`mmreid.visualization.grad_cam`. Defaults to ``'identity'``.
        count (int): Number of pictures at most. Defaults to 8.

    Returns:
        Path: ``out_file``.

    Raises:
        ValueError: An argument that does not fit the network or its checkpoint.
        FileNotFoundError: There is no such picture.
    """
    refuse_exported('looked into', cfg, checkpoint)
    target = check_sheet(out_file)
    pictures = find_pictures(cfg, source, count)
    model: Any = init_model(cfg, checkpoint)
    if checkpoint is not None and answer == 'identity':
        names = _choose_branches(model.head, branches, answer)
        _check_classifiers(model.head, checkpoint, names)
    rows = grad_cam_rows(cfg, model, pictures, branches, answer)
    title = f'{Path(cfg.filename).stem}   Grad-CAM of the {answer}'
    return write_sheet(target, rows, title)


def grad_cam_rows(
    cfg: Config,
    model: Any,
    pictures: Sequence[Picture],
    branches: Sequence[str] = (),
    answer: str = 'identity',
) -> list[list[RankedPicture]]:
    """Draw the rows of :func:`draw_grad_cams`.

    Args:
        cfg (Config): Config of the network, with a test pipeline.
        model (Any): The network.
        pictures (Sequence[Picture]): What it looks at.
        branches (Sequence[str]): As there. Defaults to none.
        answer (str): As there. Defaults to ``'identity'``.

    Returns:
        list[list[RankedPicture]]: The picture, then the Grad-CAM of each branch.

    Raises:
        ValueError: An argument that does not fit the network.
    """
    names = _choose_branches(model.head, branches, answer)
    rows: list[list[RankedPicture]] = []
    for start in range(0, len(pictures), _BATCH):
        rows += _rows(cfg, model, pictures[start : start + _BATCH], names, answer)
    return rows


def _choose_branches(head: Any, names: Sequence[str], answer: str) -> list[str]:
    """Find the branches that were asked for, or all that give this answer."""
    known = dict(getattr(head, 'branches', {}))
    for name in names:
        check_choice('branches', name, known)
    able = [
        name
        for name, branch in known.items()
        if answer != 'identity' or branch.classifier is not None
    ]
    if not names and not able:
        raise ValueError(
            f'No branch of this network gives the answer {answer!r}; choose '
            "answer='vector'."
        )
    return [*names] or able


def trained_answer(head: Any, checkpoint: str | Path | None) -> str:
    """Choose an answer that a network was trained to give.

    Args:
        head (Any): Its head.
        checkpoint (str | Path, optional): Its weights.

    Returns:
        str: ``'identity'`` where the checkpoint has the classifiers, else
        ``'vector'``.
    """
    try:
        names = _choose_branches(head, (), 'identity')
        _check_classifiers(head, checkpoint or '', names)
    except (ValueError, OSError):
        return 'vector'
    return 'identity'


def _check_classifiers(head: Any, checkpoint: str | Path, names: Sequence[str]) -> None:
    """Refuse classifiers that the checkpoint did not fill, which retrieval allows."""
    content = CheckpointLoader.load_checkpoint(str(checkpoint), 'cpu', logger='silent')
    weights = weights_of(content, checkpoint)
    for name in names:
        if head.branches[name].classifier is None:
            continue  # grad_cam says so
        key = f'branches.{name}.classifier.weight'
        loaded = weights.get(f'head.{key}')
        if getattr(loaded, 'shape', None) != head.get_parameter(key).shape:
            raise ValueError(
                f'{checkpoint} has no classifier of the shape that the config gives '
                f'branch {name!r}; set model.head.num_classes to the number of '
                "training identities, or choose answer='vector'."
            )


def _rows(
    cfg: Config,
    model: Any,
    pictures: Sequence[Picture],
    names: Sequence[str],
    answer: str,
) -> list[list[RankedPicture]]:
    """Draw a row for each of a batch of pictures."""
    inputs = prepare_pictures(cfg, model, [picture.path for picture in pictures])
    with torch.no_grad():
        feats = model.backbone(inputs)
    cams = {
        name: grad_cam(model.head.branches[name], feats, answer).double().cpu().numpy()
        for name in names
    }
    rows = []
    for index, picture in enumerate(pictures):
        image = cv2.resize(picture.read(), (LAYOUT.width, LAYOUT.height))
        row = [RankedPicture(image, picture.caption)]
        for name, cam in cams.items():
            caption = name if cam[index].any() else f'{name}: nothing'
            row.append(RankedPicture(draw_channel(image, cam[index]), caption))
        rows.append(row)
    return rows
