"""Validation and test on several data sets, with one block of results for each."""

import copy
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.hooks import CheckpointHook
from mmengine.logging import print_log
from mmengine.runner import BaseLoop, Runner, TestLoop, ValLoop
from torch.utils.data import DataLoader

from mmreid.registry import LOOPS


class LoaderChain:
    """Data loaders one after the other, for hooks that ask how many batches there are.

    Args:
        loaders (Sequence[DataLoader]): The loaders.
    """

    def __init__(self, loaders: Sequence[DataLoader]) -> None:
        self.loaders = loaders

    def __len__(self) -> int:
        return sum(map(len, self.loaders))

    def __iter__(self) -> Iterator[Any]:
        return itertools.chain.from_iterable(self.loaders)


class MultiLoop(BaseLoop):
    """What validation and test on several data sets share.

    All data sets are read at construction: a missing one fails before any is
    evaluated. Each has an evaluator of its own, made from one config. Hooks see one
    epoch whose batches are those of all data sets in turn, and at its end all metrics,
    named ``'<set>/<metric>'``, as in ``'Market-1501/reid/mAP'``: a set is called after
    its data set, see :func:`name_sets`. A metric finds that name as ``set_name`` in
    its ``dataset_meta``.

    Args:
        runner (Runner): The runner.
        dataloader (Sequence): Data loaders or their configs.
        evaluator (dict | list): Config of the metrics, made anew for each data set.
        fp16 (bool): Run the model in half precision. Defaults to False.

    Raises:
        ValueError: When ``dataloader`` is no list.
    """

    mode: str
    kind: type[ValLoop | TestLoop]
    sets: dict[str, ValLoop | TestLoop]

    def __init__(
        self,
        runner: Runner,
        dataloader: Sequence[DataLoader | dict],
        evaluator: Evaluator | dict | list,
        fp16: bool = False,
    ) -> None:
        if not isinstance(dataloader, list | tuple) or not dataloader:
            raise ValueError(
                f'{type(self).__name__} evaluates on several data sets: '
                f'{self.mode}_dataloader must be a list of data loaders, got '
                f'{type(dataloader).__name__} {dataloader!r:.60}; for one data set set '
                f'{self.mode}_cfg=dict(type={self.kind.__name__!r}).'
            )
        loops = [
            self.kind(runner, loader, copy.deepcopy(evaluator), fp16)
            for loader in dataloader
        ]
        super().__init__(runner, LoaderChain([loop.dataloader for loop in loops]))
        metas = [getattr(loop.dataloader.dataset, 'metainfo', {}) for loop in loops]
        self.sets = dict(zip(name_sets(metas), loops, strict=True))
        for (name, loop), meta in zip(self.sets.items(), metas, strict=True):
            loop.evaluator.dataset_meta = {**meta, 'set_name': name}
        # Of the data set that is being evaluated.
        self.evaluator: Evaluator = loops[0].evaluator

    def run(self) -> dict:
        """Evaluate the data sets in turn.

        Returns:
            dict: The metrics of all, by ``'<set>/<metric>'``.
        """
        self.runner.call_hook(f'before_{self.mode}')
        self.runner.call_hook(f'before_{self.mode}_epoch')
        self.runner.model.eval()
        metrics: dict[str, Any] = {}
        first = 0
        for number, (name, loop) in enumerate(self.sets.items(), 1):
            self.evaluator = loop.evaluator
            for index, batch in enumerate(loop.dataloader, first):
                loop.run_iter(index, batch)
            first += len(loop.dataloader)
            print_log(
                f'{self.mode} set {number} of {len(self.sets)}: {name}', 'current'
            )
            results = self.evaluator.evaluate(len(loop.dataloader.dataset))
            metrics.update({f'{name}/{key}': value for key, value in results.items()})
        self.runner.call_hook(f'after_{self.mode}_epoch', metrics=metrics)
        self.runner.call_hook(f'after_{self.mode}')
        return metrics


@LOOPS.register_module()
class MultiValLoop(MultiLoop):
    """Validates on several data sets.

    ``val_dataloader=[...]`` with ``val_cfg=dict(type='MultiValLoop')``. The metric by
    which the best checkpoint is chosen is then one set's, as in
    ``save_best='Market-1501/reid/mAP'``.

    Args:
        runner (Runner): The runner.
        dataloader (Sequence): Data loaders or their configs.
        evaluator (dict | list): Config of the metrics, made anew for each data set.
        fp16 (bool): Run the model in half precision. Defaults to False.

    Raises:
        ValueError: When ``dataloader`` is no list, or the best checkpoint is to be
            chosen by a metric that no data set has.
    """

    mode = 'val'
    kind = ValLoop

    def __init__(
        self,
        runner: Runner,
        dataloader: Sequence[DataLoader | dict],
        evaluator: Evaluator | dict | list,
        fp16: bool = False,
    ) -> None:
        super().__init__(runner, dataloader, evaluator, fp16)
        starts = tuple(f'{name}/' for name in self.sets)
        for hook in runner.hooks:
            if not isinstance(hook, CheckpointHook):
                continue
            for metric in hook.save_best or ():
                if metric != 'auto' and not metric.startswith(starts):
                    raise ValueError(
                        f'save_best={metric!r} is the metric of no data set: those of '
                        f'{len(starts)} data sets start with {", ".join(starts)}; set '
                        'default_hooks.checkpoint.save_best='
                        f'{starts[0]}{"/".join(metric.split("/")[-2:])}.'
                    )


@LOOPS.register_module()
class MultiTestLoop(MultiLoop):
    """Tests on several data sets, see :class:`MultiLoop`.

    ``test_dataloader=[...]`` with ``test_cfg=dict(type='MultiTestLoop')``.
    """

    mode = 'test'
    kind = TestLoop


def check_loops(cfg: Config) -> None:
    """Check that lists of data loaders meet loops that take them.

    Args:
        cfg (Config): A whole config.

    Raises:
        ValueError: A list of loaders and mmengine's loop for one.
    """
    for mode, loop in (('val', 'MultiValLoop'), ('test', 'MultiTestLoop')):
        loaders, kind = cfg.get(f'{mode}_dataloader'), cfg.get(f'{mode}_cfg') or {}
        if isinstance(loaders, list) and kind.get('type') in (None, loop[5:]):
            raise ValueError(
                f'{mode}_dataloader is a list of {len(loaders)} data loaders; set '
                f'{mode}_cfg=dict(type={loop!r}).'
            )


def name_sets(metas: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name data sets after themselves, so that they can stand in keys and file names.

    Of data sets with one name, the name is followed by what differs between them
    (boxes, split, number of the split, version), and where nothing does by a number.
    Characters other than letters, digits and ``_.+-`` become ``-``.

    Args:
        metas (Sequence[Mapping]): Metainfo of the data sets.

    Returns:
        list[str]: A name each, no two the same.
    """
    names = [_plain_name(meta.get('dataset')) or 'data' for meta in metas]
    for key in ('boxes', 'split', 'split_index', 'version'):
        values = [_plain_name(meta.get(key)) for meta in metas]
        pairs = set(zip(names, values, strict=True))
        several = {name for name in names if sum(n == name for n, _ in pairs) > 1}
        names = [
            f'{name}-{value}' if name in several and value else name
            for name, value in zip(names, values, strict=True)
        ]
    unique: list[str] = []
    for name in names:
        number = 1
        while (numbered := name if number == 1 else f'{name}-{number}') in unique:
            number += 1
        unique.append(numbered)
    return unique


def _plain_name(value: Any) -> str:
    """Write a value without blanks, slashes and leading dots."""
    text = '' if value is None else str(value)
    return re.sub(r'[^\w.+-]+', '-', text).strip('-.')
