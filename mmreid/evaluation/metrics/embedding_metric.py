"""What every metric on embeddings shares: collect, gather, compute once."""

from collections.abc import Sequence
from typing import Any

from mmengine.evaluator import BaseMetric

from mmreid.evaluation.functional import Features
from mmreid.evaluation.metrics.collecting import collect_features
from mmreid.evaluation.metrics.embedding_batch import EmbeddingBatch, keep
from mmreid.evaluation.metrics.gather import on_main_process


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
        if collect_device not in ('cpu', 'gpu'):
            raise ValueError(
                f"collect_device must be 'cpu' or 'gpu', but got {collect_device!r}"
            )
        super().__init__(collect_device=collect_device, prefix=prefix)

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep the embeddings and labels of a batch.

        Args:
            data_batch: Not used.
            data_samples: Dicts with ``embedding`` ``(D,)``, ``sample_idx``,
                ``person_id``, ``cam_id``, ``is_query``, ``img_path`` and, where the
                model and the data set tell, ``flip_test``, ``normalize`` and
                ``clothes_id``.
        """
        device = 'cpu' if self.collect_device == 'cpu' else None
        if data_samples:
            keep(self.results, EmbeddingBatch.from_samples(data_samples, device))

    def evaluate(self, size: int) -> dict:
        """Gather what all processes have seen and compute the metrics.

        Args:
            size: Number of samples of the data set.

        Returns:
            dict: The same on every process, names with the prefix.
        """
        batches, self.results = self.results, []
        features = collect_features(batches, size)

        def compute() -> dict:
            assert features is not None  # there is one on the main process
            metrics = self.compute_metrics(features)
            start = f'{self.prefix}/' if self.prefix else ''
            return {f'{start}{name}': value for name, value in metrics.items()}

        return on_main_process(compute)

    def compute_metrics(self, results: Features) -> dict:
        """Compute the metrics, on the main process only.

        Args:
            results: The features of the whole data set, queries first.

        Returns:
            dict: Plain Python values by name.
        """
        raise NotImplementedError
