"""Which runs of a config there are: splits of the data, seeds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from mmengine.config import Config

from mmreid.data_loaders import LOADERS
from mmreid.registry import DATASETS


@dataclass(frozen=True)
class Run:
    """One of several runs of a config.

    Attributes:
        name: What distinguishes it, also the name of its folder.
        varied: Its split and seed, as far as they vary.
        options: What it changes in the config, ``KEY=VALUE``.
    """

    name: str
    varied: Mapping[str, int]
    options: tuple[str, ...]


def plan_runs(
    cfg: Config, splits: str | None = None, seeds: Sequence[int] = ()
) -> list[Run]:
    """List the runs: every split with every seed.

    Args:
        cfg (Config): The config.
        splits (str | None): ``'all'``, or numbers such as ``'0-4,7'``. Defaults to
            None: the split of the config.
        seeds (Sequence[int]): Values of ``randomness.seed``. Defaults to (): the
            config's own.

    Returns:
        list[Run]: The runs, in the order of the splits.

    Raises:
        ValueError: There is nothing to vary, or splits that the data has not.
    """
    if splits is None and not seeds:
        raise ValueError('Nothing varies: give splits, seeds or both.')
    indices = [] if splits is None else _parse_splits(splits, cfg)
    runs = []
    axes = dict(split=indices, seed=seeds)
    pairs = ([(axis, value) for value in axes[axis]] for axis in axes if axes[axis])
    for varied in map(dict, product(*pairs)):
        index, seed = varied.get('split'), varied.get('seed')
        options = [] if seed is None else [f'randomness.seed={seed}']
        if index is not None:
            options += [f'{key}.split_index={index}' for key, _ in _divided(cfg)]
        name = '_'.join(f'{key}_{value:02d}' for key, value in varied.items())
        runs.append(Run(name, varied, tuple(options)))
    return runs


def _parse_splits(text: str, cfg: Config) -> list[int]:
    """Read ``'all'`` or ``'0-4,7'``."""
    sizes = {number for _, number in _divided(cfg)}
    if len(sizes) != 1:
        raise ValueError(
            'splits need data sets that are divided in several ways (VIPeR, the '
            'classic protocol of CUHK03), all equally often, but those of the config '
            f'are divided in {sorted(sizes) or [1]} ways.'
        )
    count = sizes.pop()
    if text == 'all':
        return [*range(count)]
    try:
        ends = [[int(n) for n in word.split('-')] for word in text.split(',')]
        indices = [i for pair in ends for i in range(pair[0], pair[-1] + 1)]
    except ValueError as error:
        raise ValueError(f"splits are 'all' or like '0-4,7', got {text!r}") from error
    if not indices or min(indices) < 0 or max(indices) >= count:
        raise ValueError(f'splits must be from 0 to {count - 1}, got {text!r}.')
    return indices


def _divided(cfg: Config) -> list[tuple[str, int]]:
    """Find the data sets with several divisions: their keys and how many."""
    divided = []
    for loader in LOADERS:
        for key, node in _dicts(cfg.get(loader), loader):
            kind: Any = node.get('type')
            kind = DATASETS.get(kind) if isinstance(kind, str) else kind
            number = kind.count_splits(node) if hasattr(kind, 'count_splits') else 1
            if number > 1:
                divided.append((key, number))
    return divided


def _dicts(node: Any, key: str) -> Iterator[tuple[str, dict]]:
    """Yield all dicts of a config with their dotted keys."""
    children: list[tuple] = []
    if isinstance(node, dict):
        yield key, node
        children = [*node.items()]
    elif isinstance(node, list | tuple):
        children = [*enumerate(node)]
    for name, child in children:
        yield from _dicts(child, f'{key}.{name}')
