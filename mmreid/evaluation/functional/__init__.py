"""Ranking as pure functions of vectors and labels."""

from mmreid.evaluation.functional.distances import check_distance
from mmreid.evaluation.functional.features_file import (
    Features,
    load_features,
    save_features,
)
from mmreid.evaluation.functional.ranking import evaluate_ranking
from mmreid.evaluation.functional.scores import (
    RankingResult,
    check_average_precision,
    check_ranks,
)
from mmreid.evaluation.functional.top_ranks import TopRanks, top_ranks

__all__ = [
    'Features',
    'RankingResult',
    'TopRanks',
    'check_average_precision',
    'check_distance',
    'check_ranks',
    'evaluate_ranking',
    'load_features',
    'save_features',
    'top_ranks',
]
