"""Metrics for mmengine's evaluator."""

from mmreid.evaluation.metrics.dump_embeddings import DumpEmbeddings, file_of_set
from mmreid.evaluation.metrics.embedding_metric import EmbeddingMetric
from mmreid.evaluation.metrics.reid_metric import ReIDMetric

__all__ = ['DumpEmbeddings', 'EmbeddingMetric', 'ReIDMetric', 'file_of_set']
