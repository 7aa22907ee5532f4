"""One training step and one embedding of a config with another trunk."""

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmpretrain.structures import DataSample

from mmreid.apis.test_pipeline import input_size
from mmreid.engine import fill_num_classes
from mmreid.optional import import_optional
from mmreid.registry import MODELS
from mmreid.text_tables import format_table

# Two pictures of each of two identities: what a triplet needs.
_LABELS = (0, 0, 1, 1)


class Trial(NamedTuple):
    """What came of a trunk.

    Attributes:
        name (str): timm's name.
        family (str): The file of timm that has it.
        params (int): Parameters of the trunk; 0 where it was not built.
        maps (tuple[tuple[int, ...], ...]): Shapes ``(C, h, w)`` of its maps.
        result (str): ``'ok'``, or why not.
    """

    name: str
    family: str
    params: int = 0
    maps: tuple[tuple[int, ...], ...] = ()
    result: str = 'ok'


def try_trunk(cfg: Config, name: str) -> Trial:
    """Train a config's model for a step on noise with another trunk, and embed noise.

    Nothing but ``model.backbone.model_name`` is changed.

    Args:
        cfg (Config): Config whose backbone is a ``TimmBackbone``; it is not changed.
        name (str): timm's name of the trunk.

    Returns:
        Trial: What came of it; a refusal is a result, too.
    """
    timm = import_optional('timm', 'trying trunks')
    init_default_scope(cfg.get('default_scope', 'mmreid'))
    cfg = copy.deepcopy(cfg)
    cfg.model.backbone.model_name = name
    family = '?'
    if timm.is_model(name):
        entry = timm.models.model_entrypoint(name.partition('.')[0])
        family = entry.__module__.rpartition('.')[2]
    fill_num_classes(cfg)
    try:
        model: Any = MODELS.build(
            {'data_preprocessor': cfg.data_preprocessor, **cfg.model}
        )
    except ValueError as error:
        return Trial(name, family, result=f'refused: {error}')
    params = sum(parameter.numel() for parameter in model.backbone.parameters())
    size = input_size(cfg)
    fault = _train(model, cfg, size) or _embed(model, size)
    with torch.no_grad():
        maps = model.backbone(torch.rand(1, 3, *size))
    shapes = tuple(tuple(each.shape[1:]) for each in maps)
    return Trial(name, family, params, shapes, fault or 'ok')


def _train(model: Any, cfg: Config, size: Sequence[int]) -> str:
    """Take a step; return what was wrong."""
    optimizer = build_optim_wrapper(model, cfg.optim_wrapper)
    pictures = [torch.randint(256, (3, *size), dtype=torch.uint8) for _ in _LABELS]
    samples = [DataSample().set_gt_label(label) for label in _LABELS]
    data = model.data_preprocessor(dict(inputs=pictures, data_samples=samples), True)
    losses = model.train()(**data, mode='loss')
    total, log = model.parse_losses(losses)
    if not all(torch.isfinite(value).all() for value in log.values()):
        return 'a loss is not finite'
    optimizer.backward(total)
    trained = {k: v for k, v in model.named_parameters() if v.requires_grad}
    if idle := [k for k, v in trained.items() if v.grad is None]:
        return f'no gradient for {", ".join(idle[:3])}'
    optimizer.step()
    if any(not parameter.isfinite().all() for parameter in trained.values()):
        return 'a parameter is not finite'
    return ''


def _embed(model: Any, size: Sequence[int]) -> str:
    """Embed two pictures; return what was wrong."""
    model.eval()
    with torch.no_grad():
        found = model(torch.randn(2, 3, *size))
    if found.ndim != 2 or not found.isfinite().all():
        return f'embeddings of shape {tuple(found.shape)} that are not all finite'
    if torch.equal(found[0], found[1]):
        return 'two pictures have the same embedding'
    return ''


def format_trials(trials: Sequence[Trial]) -> str:
    """Lay trials out as a table.

    Args:
        trials (Sequence[Trial]): What came of each trunk.

    Returns:
        str: A line a trunk, then how many went well.
    """
    rows = [['trunk', 'family', 'params (M)', 'maps', 'result']]
    for trial in trials:
        maps = ' '.join('x'.join(map(str, shape)) for shape in trial.maps)
        count = f'{trial.params / 1e6:.2f}'
        rows.append([trial.name, trial.family, count, maps, trial.result])
    good = [trial for trial in trials if trial.result == 'ok']
    families = {trial.family for trial in good}
    table = format_table(rows, left=(0, 1, 3, 4))
    count = f'{len(good)} of {len(trials)} train and embed'
    return f'{table}\n{count}, of {len(families)} families.'
