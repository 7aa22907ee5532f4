"""Weights in half the bytes, proven by their ranking."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from mmreid.apis.export.judging import Bench, Titled, vectors_of
from mmreid.apis.model import init_model
from mmreid.deploy.gate import Judgement, judge
from mmreid.engine import MismatchedCheckpointError
from mmreid.engine.checkpoints.entries import list_some
from mmreid.engine.checkpoints.training_only import training_only_prefixes
from mmreid.engine.hooks import describe_training

# What float16 gives up for the vectors is less than another runtime may.
_PRECISION = 'float32'
_PREFIX = 'reid'


class SmallWeights(NamedTuple):
    """Weights for embedding alone.

    Attributes:
        tensors (dict[str, Tensor]): Kernels and matrices in float16; vectors, such as
            the statistics of batch norm, as they were.
        meta (dict[str, Any]): What is told of them, with ``results`` of a test with
            them and, as ``reduced``, what has become of the checkpoint's.
    """

    tensors: dict[str, Tensor]
    meta: dict[str, Any]


def make_small(
    source: str | PathLike,
    tensors: Mapping[str, Tensor],
    meta: Mapping[str, Any],
    data: str | PathLike | None = None,
    progress: Titled | None = None,
) -> SmallWeights:
    """Halve the bytes of weights, if they rank a test set as before.

    Left out is what no embedding passes through: classifiers, weights of losses,
    branches that only train. Kernels and matrices become float16; what has one
    dimension is a hundredth of a network and stays, since variances may be smaller
    than float16's least number. A network still computes in float32 with them. Both
    rank a test set (large ones in part), and the difference in mAP has to stay within
    the limits of :func:`mmreid.deploy.gate.judge` in float32.

    Args:
        source (str | PathLike): The checkpoint, which tells its config.
        tensors (Mapping[str, Tensor]): Its weights.
        meta (Mapping[str, Any]): What is told of them.
        data (str | PathLike, optional): The test set, as of ``ExportOptions``. Defaults
            to None: the config's own where it is there, else SynthReID-mini.
        progress (Callable, optional): As of ``export_model``. Defaults to None.

    Returns:
        SmallWeights: The weights, and what is told of them now.

    Raises:
        ValueError: The test set cannot be ranked, or is ranked in another way.
        MismatchedCheckpointError: A weight is more than float16 can hold.
        CheckpointError: The checkpoint tells no config.
        OSError: The test set cannot be read.
    """
    network = init_model(checkpoint=Path(source))
    unused = tuple(training_only_prefixes(network))
    left_out = [name for name in tensors if name.startswith(unused)]
    kept = {k: _halve(k, v) for k, v in tensors.items() if k not in {*left_out}}
    judgement = _judge(network, kept, meta, data, progress)
    if not judgement.passed:
        raise ValueError(
            f'{source} must rank {judgement.data} in float16 as it does; '
            f'{" ".join(judgement.reasons)} Publish it without small (--small).'
        )
    reduced = dict(
        dtype='float16',
        left_out=sum(tensors[name].numel() for name in left_out),
        data=judgement.data,
        checkpoint=judgement.scores['network'],
        difference=judgement.difference,
        interval=judgement.interval,
        lowest_cosine=judgement.lowest_cosine,
    )
    told = {**meta, 'results': _results(judgement), 'reduced': reduced}
    told.pop('operating_point', None)  # a threshold of other weights
    return SmallWeights(kept, told)


def _halve(name: str, value: Tensor) -> Tensor:
    """Give a tensor in float16 where it has more than one dimension."""
    if not value.is_floating_point() or value.ndim < 2 or value.itemsize <= 2:
        return value
    half = value.to(torch.float16)
    if not half.isfinite().all():
        raise MismatchedCheckpointError(
            f'{list_some([name])} must hold numbers that float16 can (up to '
            f'{torch.finfo(torch.float16).max:g}), got {value.abs().max():g}. Publish '
            'it without small (--small).'
        )
    return half


def _judge(
    network: Any,
    kept: Mapping[str, Tensor],
    meta: Mapping[str, Any],
    data: str | PathLike | None,
    progress: Titled | None,
) -> Judgement:
    """Have the weights embed a test set from a file, as everybody will, and rank it."""
    bench = Bench(network, data, progress=progress)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, 'small.pth')
        torch.save(dict(state_dict=dict(kept), meta=dict(meta)), file)
        small = init_model(checkpoint=file)
    given = bench.pictures.compute(lambda batch: vectors_of(small, batch))
    # What a test's stamp has from the network.
    recipe = dict(flip_test=small.flip_test, normalize=small.head.normalize)
    return judge(
        bench.exact,
        given,
        replace(bench.pictures.labels, meta=recipe),
        precision=_PRECISION,
        rules=bench.rules,
        data=bench.pictures.name,
        dataset_meta={
            **bench.pictures.meta,
            'trained_on': describe_training(meta.get('dataset_meta')),
        },
    )


def _results(judgement: Judgement) -> dict[str, Any]:
    """Name what was measured as a test does."""
    named = {**judgement.scores['file'], 'protocol': judgement.protocol}
    return {f'{_PREFIX}/{name}': value for name, value in named.items()}
