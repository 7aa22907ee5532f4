"""Embeddings written to a file, for evaluation and drawing without a model."""

import os

from mmengine.logging import print_log

from mmreid.evaluation.functional import Features, save_features
from mmreid.evaluation.functional.features_file import check_features_path
from mmreid.evaluation.metrics.embedding_metric import EmbeddingMetric
from mmreid.evaluation.metrics.protocol import describe_features, warn_of_gaps
from mmreid.registry import METRICS


@METRICS.register_module()
class DumpEmbeddings(EmbeddingMetric):
    """Write the test set's embeddings to a features file; computes no score.

    The file holds ``embedding`` ``(N, D)`` float32, ``person_id``, ``cam_id``,
    ``is_query``, ``img_path`` and ``meta`` (JSON: data set, sizes, flip averaging,
    normalisation), queries first. Read it with
    :func:`mmreid.evaluation.functional.load_features`.

    Args:
        out_file (str): A name ending in ``.npz``; missing folders are made.
        collect_device (str): ``'cpu'`` or ``'gpu'``. Defaults to ``'cpu'``.

    Raises:
        ValueError: Another file ending.
    """

    default_prefix = 'embeddings'

    def __init__(
        self, out_file: str | os.PathLike, collect_device: str = 'cpu'
    ) -> None:
        super().__init__(collect_device=collect_device)
        self.out_file = check_features_path(out_file)

    def compute_metrics(self, results: Features) -> dict:
        """Write the file.

        Args:
            results: The features of the test set.

        Returns:
            dict: Empty: there is nothing to report.
        """
        stamp = describe_features(results, self.dataset_meta)
        warn_of_gaps(stamp)
        results.meta.update(stamp)
        save_features(self.out_file, results)
        print_log(
            f'Wrote {len(results.embedding)} embeddings to {self.out_file}',
            logger='current',
        )
        return {}
