"""What every metric on embeddings shares: collect, gather, compute once."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

import numpy as np
import torch
from mmengine.evaluator import BaseMetric

from mmreid.arguments import check_choice
from mmreid.evaluation.metrics.collecting import (
    DEFAULTS,
    LABELS,
    RECIPE,
    EmbeddingBatch,
    collect_features,
    on_main_process,
)
from mmreid.evaluation.test_set import Features

# Labels that every sample must have; few data sets know what people wear.
_NEEDED = LABELS[:4]
# Twice the largest block that the C library may keep on its heap.
MERGED_BYTES = 64 << 20


class EmbeddingMetric(BaseMetric):
    """A metric over the embeddings of a whole test set.

    Unlike its parent it keeps stacked tensors, not samples, and gathers tensors, so
    that features of any size pass, in the data set's order, on any number of
    processes; and a failure on the main process is raised on all of them. A subclass
    says in :meth:`compute_metrics` what to do with the features.

    Args:
        collect_device (str): Where embeddings wait for the end of the epoch: ``'cpu'``
            or ``'gpu'`` (where the model left them). Processes talk over their
            backend's device in either case. Defaults to ``'cpu'``.
        prefix (str, optional): Put before the metrics' names. Defaults to None, which
            stands for the class's ``default_prefix``.

    Raises:
        ValueError: Another ``collect_device``.
    """

    results: list[EmbeddingBatch]

    def __init__(self, collect_device: str = 'cpu', prefix: str | None = None) -> None:
        check_choice('collect_device', collect_device, ('cpu', 'gpu'))
        super().__init__(collect_device=collect_device, prefix=prefix)

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep the embeddings and labels of a batch.

        Args:
            data_batch (Any): Not used.
            data_samples (Sequence[dict]): Dicts with ``embedding`` ``(D,)``,
                ``sample_idx``, ``person_id``, ``cam_id``, ``is_query``, ``img_path``
                and, where the model and the data set tell, ``flip_test``,
                ``normalize``, ``side_information``, ``clothes_id``, ``tracklet_id`` and
                ``time``.
        """
        device = 'cpu' if self.collect_device == 'cpu' else None
        if data_samples:
            keep(self.results, stack_samples(data_samples, device))

    def evaluate(self, size: int) -> dict:
        """Gather what all processes have seen and compute the metrics.

        Args:
            size (int): Number of samples of the data set.

        Returns:
            dict: The same on every process, names with the prefix.
        """
        batches, self.results = self.results, []
        # None on the other processes, where they are not used.
        features = cast(Features, collect_features(batches, size))
        clock = (self.dataset_meta or {}).get('clock')
        if features is not None and features.time is not None and clock:
            features.meta['clock'] = clock
        metrics = on_main_process(partial(self.compute_metrics, features))
        start = f'{self.prefix}/' if self.prefix else ''
        return {f'{start}{name}': value for name, value in metrics.items()}

    def compute_metrics(self, results: Features) -> dict:
        """Compute the metrics, on the main process only.

        Args:
            results (Features): The features of the whole data set, queries first.

        Returns:
            dict: Plain Python values by name.
        """
        raise NotImplementedError


def stack_samples(samples: Sequence[dict], device: str | None) -> EmbeddingBatch:
    """Stack the data samples of a batch.

    Args:
        samples (Sequence[dict]): Each with ``embedding`` ``(D,)``, the labels and
            ``img_path``; ``clothes_id``, ``tracklet_id`` and ``time`` may be missing.
        device (str | None): Where to keep the embeddings; None leaves them where they
            are.

    Raises:
        ValueError: A sample without one of these.
    """
    needed = ('embedding', *_NEEDED, 'img_path')
    missing = [key for key in needed if key not in samples[0]]
    if missing:
        raise ValueError(
            f'Evaluation needs {missing} in every data sample, which has '
            f'{sorted(samples[0])}. The model writes the embedding in '
            "mode='predict'; the rest are records of the data set, packed by "
            "dict(type='mmpretrain.PackInputs', meta_keys=('sample_idx', "
            "'img_path', 'person_id', 'cam_id', 'is_query'))."
        )
    # Stacking copies: a view would keep the whole batch of the network alive.
    vectors = torch.stack([sample['embedding'] for sample in samples])
    labels = [
        [int(sample.get(key, DEFAULTS[key])) for key in LABELS] for sample in samples
    ]
    return EmbeddingBatch(
        embedding=vectors.detach().to(device=device, dtype=torch.float32),
        labels=np.array(labels, np.int64),
        times=np.array([_time_of(sample) for sample in samples]),
        has_clothes=all('clothes_id' in sample for sample in samples),
        paths=[str(sample['img_path']) for sample in samples],
        recipes={tuple(sample.get(k) for k in RECIPE) for sample in samples},
    )


def _time_of(sample: Mapping[str, Any]) -> float:
    """Return when a picture was taken; NaN where the sample does not tell."""
    time = sample.get('time')
    return float('nan') if time is None else float(time)


def keep(batches: list[EmbeddingBatch], batch: EmbeddingBatch) -> None:
    """Append a batch, and merge the last ones where they have become many.

    Blocks of this size are returned to the operating system when they are freed. Many
    small ones, freed while the features are put in order, would stay with the
    process, which then held all embeddings twice.

    Args:
        batches (list[EmbeddingBatch]): Changed in place; their order and content stay.
        batch (EmbeddingBatch): What to append.
    """
    batches.append(batch)
    size, first = 0, len(batches)
    shape = batch.embedding.shape[1:]
    while first and batches[first - 1].embedding.shape[1:] == shape:
        one = batches[first - 1].embedding.nbytes
        if one >= MERGED_BYTES:
            break
        size, first = size + one, first - 1
    if size >= MERGED_BYTES and len(batches) - first > 1:
        batches[first:] = [_merge(batches[first:])]


def _merge(batches: Sequence[EmbeddingBatch]) -> EmbeddingBatch:
    """Join batches to one; they must hold vectors of one length."""
    return EmbeddingBatch(
        embedding=torch.cat([batch.embedding for batch in batches]),
        labels=np.concatenate([batch.labels for batch in batches]),
        times=np.concatenate([batch.times for batch in batches]),
        has_clothes=all(batch.has_clothes for batch in batches),
        paths=[path for batch in batches for path in batch.paths],
        recipes=set().union(*(batch.recipes for batch in batches)),
    )
