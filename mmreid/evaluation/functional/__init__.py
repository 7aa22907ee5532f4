"""Ranking as pure functions of vectors and labels: mathematics alone, in rooms.

``distances/`` has fast and exact distances and the one kernel that counts ranks,
``ranking/`` who answers whom and what a rank is worth, ``re_ranking/`` and
``time_prior/`` what may be done to a ranking before it is scored, ``clustering/``
persons that nobody has named, ``open_set/`` decisions at thresholds, and
``uncertainty/`` intervals and tests; ``counting.py`` tells how far long work is. The
rooms take a ``TestSet`` (``mmreid.evaluation.test_set``); each public function here
makes one of its arrays. Files, rules, stamps and results are above, in
``mmreid.evaluation``; those of their names that users have always imported from here
still are.
"""

from mmreid.evaluation.features.file import load_features, save_features
from mmreid.evaluation.features.threshold_file import load_threshold, save_threshold
from mmreid.evaluation.functional.clustering.clusters import cluster_vectors
from mmreid.evaluation.functional.clustering.description import describe_clusters
from mmreid.evaluation.functional.clustering.jaccard_graph import jaccard_graph
from mmreid.evaluation.functional.clustering.links import Links
from mmreid.evaluation.functional.distances.measures import check_distance
from mmreid.evaluation.functional.open_set.identification import (
    Identification,
    evaluate_identification,
)
from mmreid.evaluation.functional.open_set.operating_threshold import (
    OperatingThreshold,
)
from mmreid.evaluation.functional.open_set.verification import (
    Verification,
    evaluate_verification,
)
from mmreid.evaluation.functional.ranking.camera_pairs import (
    CameraPairs,
    evaluate_camera_pairs,
    hardest_queries,
)
from mmreid.evaluation.functional.ranking.exact_ranking import (
    RankingResult,
    check_average_precision,
    check_ranks,
    evaluate_ranking,
)
from mmreid.evaluation.functional.ranking.first_answers import TopRanks, top_ranks
from mmreid.evaluation.functional.ranking.given_distances import (
    evaluate_distance_blocks,
)
from mmreid.evaluation.functional.ranking.multi_query import (
    PooledQueries,
    check_pooling,
    pool_queries,
)
from mmreid.evaluation.functional.ranking.single_shot import (
    SingleShotResult,
    check_impostors,
    evaluate_single_shot,
)
from mmreid.evaluation.functional.ranking.tracklets import TRACKLETS, pool_frames
from mmreid.evaluation.functional.re_ranking.centralisation import (
    centralise_features,
)
from mmreid.evaluation.functional.re_ranking.k_reciprocal import (
    check_re_ranking,
    re_rank,
    re_rank_blocks,
)
from mmreid.evaluation.functional.re_ranking.query_expansion import expand_queries
from mmreid.evaluation.functional.time_prior.joint import (
    joint_distance_blocks,
    joint_score,
)
from mmreid.evaluation.functional.time_prior.joint_re_ranking import (
    re_rank_joint_blocks,
)
from mmreid.evaluation.functional.time_prior.learning import learn_time_prior
from mmreid.evaluation.functional.time_prior.prior import TimePrior
from mmreid.evaluation.functional.uncertainty import (
    Interval,
    PairedDifference,
    RankAgreement,
    RepeatedDifference,
    Spread,
    bootstrap_interval,
    compare_paired,
    compare_repeated,
    correct_holm,
    discordant_pairs,
    rank_agreement,
    spread,
)
from mmreid.evaluation.rank_lists import RankLists
from mmreid.evaluation.rules import Evaluation, RankingRules
from mmreid.evaluation.test_set import Features, Images, TestSet

__all__ = [
    'TRACKLETS',
    'CameraPairs',
    'Evaluation',
    'Features',
    'Identification',
    'Images',
    'Interval',
    'Links',
    'OperatingThreshold',
    'PairedDifference',
    'PooledQueries',
    'RankAgreement',
    'RankLists',
    'RankingResult',
    'RankingRules',
    'RepeatedDifference',
    'SingleShotResult',
    'Spread',
    'TestSet',
    'TimePrior',
    'TopRanks',
    'Verification',
    'bootstrap_interval',
    'centralise_features',
    'check_average_precision',
    'check_distance',
    'check_impostors',
    'check_pooling',
    'check_ranks',
    'check_re_ranking',
    'cluster_vectors',
    'compare_paired',
    'compare_repeated',
    'correct_holm',
    'describe_clusters',
    'discordant_pairs',
    'evaluate_camera_pairs',
    'evaluate_distance_blocks',
    'evaluate_identification',
    'evaluate_ranking',
    'evaluate_single_shot',
    'evaluate_verification',
    'expand_queries',
    'hardest_queries',
    'jaccard_graph',
    'joint_distance_blocks',
    'joint_score',
    'learn_time_prior',
    'load_features',
    'load_threshold',
    'pool_frames',
    'pool_queries',
    'rank_agreement',
    're_rank',
    're_rank_blocks',
    're_rank_joint_blocks',
    'save_features',
    'save_threshold',
    'spread',
    'top_ranks',
]
