"""What an exported file tells of itself, collected from a network and its config."""

import os
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config

from mmreid.apis.inference.model_key import model_key
from mmreid.apis.publish.published_meta import read_results
from mmreid.apis.test_pipeline import first_test_set, input_size
from mmreid.data_loaders import list_loaders
from mmreid.deploy.export import find_recipe
from mmreid.deploy.facts import ExportedFacts
from mmreid.evaluation.rules import BOOSTERS, RankingRules
from mmreid.files import to_json
from mmreid.search.decisions.point_file import load_operating_point
from mmreid.version import __version__

# What a file's config must hold for its network to be tested; nothing else is told.
_KEPT = (
    *('default_scope', 'custom_imports', 'data_preprocessor', 'model'),
    *('test_dataloader', 'test_evaluator', 'test_cfg'),
)

_TRAINED_ON = ('dataset', 'version', 'boxes', 'split', 'split_index')


def collect_facts(
    network: Any,
    name: str,
    channels: str,
    precision: str,
    results: str | os.PathLike | None = None,
    threshold: str | os.PathLike | None = None,
) -> ExportedFacts:
    """Collect what is told of a network before the gate.

    Args:
        network (Any): Of :func:`mmreid.apis.init_model`.
        name (str): What it is called.
        channels (str): ``'bgr'`` or ``'rgb'``.
        precision (str): What the file computes in.
        results (str | PathLike, optional): What ``mmreid test --out FILE.json`` has
            written. Defaults to None: what the weights were published with.
        threshold (str | PathLike, optional): What ``mmreid threshold --out`` has
            written. Defaults to None: what the weights were published with.

    Returns:
        ExportedFacts: With the network's own key.

    Raises:
        ValueError: The test pipeline does more than resize, or results or threshold
            are of another model.
        OSError: A file cannot be read.
    """
    cfg = network.cfg
    key = model_key(network)
    point = network.operating_point
    if threshold is not None:
        point = load_operating_point(Path(threshold))
        try:
            point.check_model(key)
        except ValueError as error:
            raise ValueError(
                f'{threshold} must be a threshold of {name}: {error}'
            ) from error
    told = getattr(network, 'results', None)
    if results is not None:
        told = _read_results(Path(results))
    return ExportedFacts(
        name=name,
        source_key=key,
        model_key=key,
        dim=_width(network),
        channels=channels,
        precision=precision,
        flip_test=bool(getattr(network, 'flip_test', False)),
        normalize=str(getattr(network.head, 'normalize', 'none')),
        config=_config_text(network),
        distance=rules_of(cfg).distance,
        threshold=None if point is None else point.to_dict(),
        results=told,
        trained_on=_plain_training(getattr(network, 'trained_on', None)),
        versions=dict(mmreid=__version__, torch=torch.__version__),
        **find_recipe(first_test_set(cfg).pipeline)._asdict(),
    )


def _read_results(path: Path) -> dict[str, Any]:
    """Read the scores of a test; the gate's own report has a protocol, too."""
    content = read_results(path, None)
    blocks = [content, *(x for x in content.values() if isinstance(x, dict))]
    names = {key.rpartition('/')[2] for block in blocks for key in block}
    if not any(re.fullmatch(r'mAP|R\d+', name) for name in names):
        raise ValueError(
            f'{path} must hold the scores of a test, mAP or R1 among them, got '
            f'{", ".join(sorted(names)[:5])}, ...; write it with "mmreid test --out".'
        )
    return content


def _plain_training(meta: Any) -> dict[str, Any] | None:
    """Take of training data's metainfo what tells which data it was."""
    if not isinstance(meta, Mapping):
        return None
    kept = {
        key: to_json(meta[key], str) for key in _TRAINED_ON if meta.get(key) is not None
    }
    if meta.get('parts'):
        kept['parts'] = [_plain_training(part) for part in meta['parts']]
    if 'started_from' in meta:
        kept['started_from'] = _plain_training(meta['started_from'])
    return kept


def _config_text(network: Any) -> str:
    """Write the part of a config that its network and test need."""
    cfg = network.cfg
    kept = {key: cfg[key] for key in _KEPT if cfg.get(key) is not None}
    kept['model'] = network.model_cfg
    if loaders := list_loaders(cfg, 'test_dataloader'):
        kept['test_dataloader'] = loaders[0] if len(loaders) == 1 else loaders
    return Config(kept).pretty_text


def rules_of(cfg: Any) -> RankingRules:
    """Read how a config ranks, but for re-ranking and the like, which hide differences.

    Args:
        cfg (Config): The config.

    Returns:
        RankingRules: As of its first evaluator.
    """
    given = cfg.get('test_evaluator') or {}
    first = dict(given[0] if isinstance(given, list | tuple) else given)
    known = {entry.name for entry in fields(RankingRules)} - {*BOOSTERS}
    return RankingRules(**{k: v for k, v in first.items() if k in known})


def _width(network: Any) -> int:
    """Find the width of the vectors by a black picture."""
    height, width = input_size(network.cfg)
    black = torch.zeros((1, 3, height, width), dtype=torch.uint8)
    with torch.no_grad():
        return len(network.test_step(dict(inputs=black))[0].embedding)
