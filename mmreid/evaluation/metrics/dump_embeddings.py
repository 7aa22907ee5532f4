"""Embeddings written to a file, for evaluation and drawing without a model."""

import os
from pathlib import Path

from mmengine.logging import print_log

from mmreid.evaluation.features.file import check_features_path
from mmreid.evaluation.features.key import features_key, hash_records
from mmreid.evaluation.functional import Features, save_features
from mmreid.evaluation.metrics.embedding_metric import EmbeddingMetric
from mmreid.evaluation.stamp import describe_features, warn_of_gaps
from mmreid.registry import METRICS


def file_of_set(file: str | os.PathLike, name: str) -> Path:
    """Return where one of several data sets has its file, ``features_<name>.npz``.

    Args:
        file (str | os.PathLike): The file's name for a single data set.
        name (str): The data set's name in this evaluation.
    """
    path = Path(file)
    return path.with_name(f'{path.stem}_{name}{path.suffix}')


@METRICS.register_module()
class DumpEmbeddings(EmbeddingMetric):
    """Write the test set's embeddings to a features file; computes no score.

    The file holds ``embedding`` ``(N, D)`` float32, ``person_id``, ``cam_id``,
    ``is_query``, ``img_path`` and ``meta`` (JSON: data set, sizes, flip averaging,
    normalisation, and a key made of weights, config and data where
    ``dataset_meta['features_source']`` tells the first two), queries first. Read it
    with
    :func:`mmreid.evaluation.functional.load_features`. Where several data sets are
    evaluated in turn (``MultiTestLoop``), each has a file of its own, see
    :func:`file_of_set`.

    Args:
        out_file (str): A name ending in ``.npz`` or ``.safetensors``; missing folders
            are made.
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
            results (Features): The features of the test set.

        Returns:
            dict: Empty: there is nothing to report.
        """
        name = (self.dataset_meta or {}).get('set_name')
        out_file = file_of_set(self.out_file, name) if name else self.out_file
        stamp = describe_features(results, self.dataset_meta)
        warn_of_gaps(stamp)
        results.meta.update(stamp)
        if source := (self.dataset_meta or {}).get('features_source'):
            key = features_key(**source, data=hash_records(results))
            results.meta['features_key'] = key
        save_features(out_file, results)
        print_log(
            f'Wrote {len(results.embedding)} embeddings to {out_file}',
            logger='current',
        )
        return {}
