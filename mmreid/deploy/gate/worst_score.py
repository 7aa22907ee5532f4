"""The least mAP that a file may have, for whoever makes many files of one network."""

from functools import cached_property

import numpy as np

from mmreid.deploy.gate.comparing import RESAMPLES, SEED, Case, bound_difference
from mmreid.deploy.gate.given_vectors import check_both, check_exact, to_float32
from mmreid.evaluation.result import Result
from mmreid.evaluation.rules import RankingRules
from mmreid.evaluation.test_set import Features


class WorstScore:
    """The network's mAP less the far end of the interval of the difference.

    The interval is that of :func:`~.judging.judge`, which asks that the whole of it
    lies within the tolerance: by more than the tolerance this score falls where the
    gate would refuse the difference. The network is ranked once for all files.

    Args:
        exact (np.ndarray): ``(N, D)`` vectors of the network.
        labels (Features): Persons, cameras, which are queries, and further labels.
        rules (RankingRules, optional): How to rank. Defaults to None: as of ``judge``.

    Raises:
        ValueError: The vectors are not one a label.
    """

    def __init__(
        self, exact: np.ndarray, labels: Features, rules: RankingRules | None = None
    ) -> None:
        self._case = Case(labels, rules or RankingRules(), None, RESAMPLES, SEED)
        self._exact = check_exact(exact, labels)

    @cached_property
    def _network(self) -> Result:
        """The network's ranking, once it is known that it can be ranked."""
        return self._case.rank(self._exact)

    def __call__(self, given: np.ndarray) -> float:
        """Score a file.

        Args:
            given (np.ndarray): ``(N, D)`` of the file.

        Returns:
            float: In percent; 0 where nothing can be ranked.
        """
        given = np.asarray(given)
        if check_both(self._case, self._exact, given):
            return 0.0
        file = self._case.rank(to_float32(given))
        paired = bound_difference(self._case, self._network, file)
        if paired is None:
            return 0.0
        far = max(abs(float(paired.low)), abs(float(paired.high)))
        return float(self._network.scores['mAP']) - far
