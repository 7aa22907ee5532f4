"""Whether queries keep their first answers."""

from typing import NamedTuple

import numpy as np

from mmreid.evaluation.functional.ranking.first_answers import TopRanks
from mmreid.evaluation.rank_lists import RankLists
from mmreid.evaluation.rules import RankingRules
from mmreid.evaluation.test_set import Features

ANSWERS = 10
# So many of the network's answers are looked at for those that the file has put first.
_LOOKED_AT = 50
# Of float32 products of directions; a little more than their rounding.
_ROUNDING = 1e-5


class SameAnswers(NamedTuple):
    """Shares of the queries.

    Attributes:
        same: Whose first ten answers are the same pictures.
        order: Whose first ten answers are the same, in the same order.
        near_ties: Whose first ten differ, in answers alone that are equally far in the
            network's ranking, up to the rounding of float32.
    """

    same: float
    order: float
    near_ties: float


def compare_answers(
    exact: Features, given: Features, rules: RankingRules, length: float
) -> SameAnswers:
    """Compare the first ten answers of every query.

    Near-ties are counted apart and not as kept: their order depends on how a runtime
    rounds, and another version of the same runtime may change it.

    Args:
        exact (Features): Vectors of the network.
        given (Features): Vectors of the file, of the same pictures.
        rules (RankingRules): How both are ranked.
        length (float): Usual length of the network's vectors, by which Euclidean
            distances are rounded.
    """
    one, two = (_first_answers(features, rules) for features in (exact, given))
    network, file = one.indices[:, :ANSWERS], two.indices[:, :ANSWERS]
    order = (network == file).all(axis=1)
    same = (np.sort(network, axis=1) == np.sort(file, axis=1)).all(axis=1)
    euclidean = rules.distance == 'euclidean' and not rules.rerank
    slack = _ROUNDING * (length if euclidean else 1)
    tied = [_are_near(one, file[q], q, slack) for q in np.flatnonzero(~order).tolist()]
    return SameAnswers(
        float(same.mean()), float(order.mean()), sum(tied) / max(len(order), 1)
    )


def _first_answers(features: Features, rules: RankingRules) -> TopRanks:
    lists = RankLists(features, rules, _LOOKED_AT)
    return lists.take(np.arange(len(lists.evaluation.queries)))


def _are_near(network: TopRanks, file: np.ndarray, query: int, slack: float) -> bool:
    """Whether a query's answers in the file are as far as those in their places."""
    answers, distances = network.indices[query], network.distances[query]
    where = {picture: place for place, picture in enumerate(answers.tolist())}
    return all(
        picture == answers[place]
        or (
            picture in where
            and abs(distances[where[picture]] - distances[place]) <= slack
        )
        for place, picture in enumerate(file.tolist())
    )
