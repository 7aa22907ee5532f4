"""Evaluation: exact ranking functions, and the metrics that feed them."""

from mmreid.evaluation.metrics import DumpEmbeddings, EmbeddingMetric, ReIDMetric

__all__ = ['DumpEmbeddings', 'EmbeddingMetric', 'ReIDMetric']
