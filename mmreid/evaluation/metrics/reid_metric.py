"""mAP, mINP and CMC of a model, with the protocol they were measured by."""

import logging
from collections.abc import Sequence
from typing import Any

from mmengine.logging import print_log

from mmreid.evaluation.functional import (
    Features,
    RankingResult,
    check_average_precision,
    check_distance,
    check_ranks,
    evaluate_ranking,
)
from mmreid.evaluation.metrics.embedding_metric import EmbeddingMetric
from mmreid.evaluation.metrics.protocol import (
    JUNK_RULE,
    describe_features,
    explain_no_match,
    warn_of_gaps,
)
from mmreid.registry import METRICS


@METRICS.register_module()
class ReIDMetric(EmbeddingMetric):
    """Person re-identification scores, in percent.

    Gives ``mAP``, ``mINP``, one ``R<rank>`` per rank, and ``protocol``, a plain dict
    that says what was measured: data set, sizes, distance, kind of average precision,
    flip averaging, normalisation, re-ranking, protocol and junk rule.

    Where no query has a right answer (data of one camera) nothing is asserted: the log
    explains why, ``protocol['num_query_evaluated']`` is 0 and every score is NaN. NaN
    is what ``CheckpointHook(save_best='reid/mAP')`` needs: it compares false with any
    score, so no checkpoint is called best and none is replaced, whereas 0.0 would make
    the first checkpoint "best" and a missing key would end the training.

    Args:
        distance (str): ``'cosine'`` or ``'euclidean'``. Defaults to ``'cosine'``.
        ranks (Sequence[int]): Ranks of the CMC. Defaults to ``(1, 5, 10)``.
        rerank (dict, optional): Only None (no re-ranking) works in this version.
        protocol (str): Only ``'market'`` works in this version.
        average_precision (str): ``'hits'`` or ``'trapezoid'``, see
            :func:`mmreid.evaluation.functional.evaluate_ranking`.
            Defaults to ``'hits'``.
        multi_query (str, optional): Only None (single query) works in this version.
        impostors (str): Only ``'other-camera'`` works in this version. It matters to
            the single-shot protocol only.
        collect_device (str): ``'cpu'`` or ``'gpu'``. Defaults to ``'cpu'``.
        prefix (str, optional): Put before the names. Defaults to None: ``'reid'``.

    Raises:
        ValueError: An unknown value, or one that does not work in this version.
    """

    default_prefix = 'reid'

    def __init__(
        self,
        distance: str = 'cosine',
        ranks: Sequence[int] = (1, 5, 10),
        rerank: dict[str, Any] | None = None,
        protocol: str = 'market',
        average_precision: str = 'hits',
        multi_query: str | None = None,
        impostors: str = 'other-camera',
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        check_distance(distance)
        check_average_precision(average_precision)
        self.distance = distance
        self.average_precision = average_precision
        self.ranks = check_ranks(ranks)
        self.rules = dict(
            rerank=_only(rerank, None, 'rerank'),
            protocol=_only(protocol, 'market', 'protocol'),
            multi_query=_only(multi_query, None, 'multi_query'),
            impostors=_only(impostors, 'other-camera', 'impostors'),
        )
        self._warned = False

    def compute_metrics(self, results: Features) -> dict:
        """Rank the gallery for every query.

        Args:
            results: The features of the test set.

        Returns:
            dict: Scores in percent and the protocol stamp.

        Raises:
            ValueError: No query or no gallery image in the data set, or features
                that cannot be compared.
        """
        num_query = int(results.is_query.sum())
        if num_query in (0, len(results.is_query)):
            raise ValueError(
                f'The test set has {num_query} queries and '
                f'{len(results.is_query) - num_query} gallery images; both are needed '
                'in one data set, told apart by is_query'
            )
        result = evaluate_ranking(
            *results.ranking_inputs(),
            distance=self.distance,
            ranks=self.ranks,
            average_precision=self.average_precision,
        )
        if not result.num_query_evaluated:
            text = explain_no_match(results, result)
            print_log(text, logger='current', level=logging.WARNING)
        scores = dict(zip((f'R{rank}' for rank in self.ranks), result.cmc, strict=True))
        scores = dict(mAP=result.mAP, mINP=result.mINP, **scores)
        percent = {name: 100 * float(value) for name, value in scores.items()}
        return dict(**percent, protocol=self._stamp(results, result))

    def _stamp(self, features: Features, result: RankingResult) -> dict:
        """Say in plain Python what the scores mean."""
        stamp = dict(
            **describe_features(features, self.dataset_meta),
            num_query_evaluated=result.num_query_evaluated,
            num_query_without_match=result.num_query_without_match,
            distance=self.distance,
            average_precision=self.average_precision,
            **self.rules,
            junk_rule=JUNK_RULE,
        )
        if not self._warned:  # not after every epoch
            self._warned = True
            warn_of_gaps(stamp)
        return stamp


def _only(value: Any, default: Any, name: str) -> Any:
    """Refuse what is planned but does not work yet."""
    if value != default:
        raise ValueError(
            f'{name}={value!r} does not work in this version; {name}={default!r} is '
            'the only value that does'
        )
    return value
