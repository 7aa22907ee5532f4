"""Ranking as pure functions of vectors and labels."""

from mmreid.evaluation.functional.block_ranking import evaluate_distance_blocks
from mmreid.evaluation.functional.breakdown import (
    CameraPairs,
    evaluate_camera_pairs,
    hardest_queries,
)
from mmreid.evaluation.functional.distances import check_distance
from mmreid.evaluation.functional.features import Features
from mmreid.evaluation.functional.features_file import load_features, save_features
from mmreid.evaluation.functional.multi_query import (
    PooledQueries,
    check_pooling,
    pool_queries,
)
from mmreid.evaluation.functional.open_set import (
    Identification,
    evaluate_identification,
)
from mmreid.evaluation.functional.operating_threshold import (
    OperatingThreshold,
    load_threshold,
    save_threshold,
)
from mmreid.evaluation.functional.query_expansion import expand_queries
from mmreid.evaluation.functional.rank_lists import RankLists
from mmreid.evaluation.functional.ranking import evaluate_ranking
from mmreid.evaluation.functional.ranking_rules import Evaluation, RankingRules
from mmreid.evaluation.functional.re_ranking import (
    check_re_ranking,
    re_rank,
    re_rank_blocks,
)
from mmreid.evaluation.functional.scores import (
    RankingResult,
    check_average_precision,
    check_ranks,
)
from mmreid.evaluation.functional.single_shot import (
    SingleShotResult,
    check_impostors,
    evaluate_single_shot,
)
from mmreid.evaluation.functional.top_ranks import TopRanks, top_ranks
from mmreid.evaluation.functional.uncertainty import (
    Interval,
    PairedDifference,
    Spread,
    bootstrap_interval,
    compare_paired,
    spread,
)
from mmreid.evaluation.functional.verification import (
    Verification,
    evaluate_verification,
)

__all__ = [
    'CameraPairs',
    'Evaluation',
    'Features',
    'Identification',
    'Interval',
    'OperatingThreshold',
    'PairedDifference',
    'PooledQueries',
    'RankLists',
    'RankingResult',
    'RankingRules',
    'SingleShotResult',
    'Spread',
    'TopRanks',
    'Verification',
    'bootstrap_interval',
    'check_average_precision',
    'check_distance',
    'check_impostors',
    'check_pooling',
    'check_ranks',
    'check_re_ranking',
    'compare_paired',
    'evaluate_camera_pairs',
    'evaluate_distance_blocks',
    'evaluate_identification',
    'evaluate_ranking',
    'evaluate_single_shot',
    'evaluate_verification',
    'expand_queries',
    'hardest_queries',
    'load_features',
    'load_threshold',
    'pool_queries',
    're_rank',
    're_rank_blocks',
    'save_features',
    'save_threshold',
    'spread',
    'top_ranks',
]
