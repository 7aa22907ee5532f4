"""Metrics for mmengine's evaluator: they collect, and hand over.

``collecting.py`` brings the embeddings of all processes together as ``Features``;
``reid_metric.py`` gives them to ``evaluation/result.py``, ``dump_embeddings.py`` to a
file. A new metric is a subclass of ``EmbeddingMetric``.
"""

from mmreid.evaluation.metrics.dump_embeddings import DumpEmbeddings, file_of_set
from mmreid.evaluation.metrics.embedding_metric import EmbeddingMetric
from mmreid.evaluation.metrics.reid_metric import ReIDMetric

__all__ = ['DumpEmbeddings', 'EmbeddingMetric', 'ReIDMetric', 'file_of_set']
