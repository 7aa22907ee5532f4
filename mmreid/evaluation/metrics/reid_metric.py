"""mAP, mINP and CMC of a model, with the protocol they were measured by."""

import logging
import os
from collections.abc import Sequence
from typing import Any

from mmengine.logging import print_log

from mmreid.evaluation.metrics.embedding_metric import EmbeddingMetric
from mmreid.evaluation.result import Result
from mmreid.evaluation.rules import RankingRules
from mmreid.evaluation.stamp import warn_of_gaps
from mmreid.evaluation.test_set import Features
from mmreid.progress import ProgressBar
from mmreid.registry import METRICS


@METRICS.register_module()
class ReIDMetric(EmbeddingMetric):
    """Person re-identification scores, in percent.

    Gives ``mAP``, ``mINP``, one ``R<rank>`` per rank, and ``protocol``, a plain dict
    that says what was measured: data set, sizes, distance, kind of average precision,
    flip averaging, normalisation, re-ranking, protocol and junk rule. After each
    evaluation the log has all of it in a few lines, and a warning where the order of
    the files decides: identical vectors, many ties.

    Where no query has a right answer (data of one camera) nothing is asserted: the log
    explains why, ``protocol['num_query_evaluated']`` is 0 and every score is NaN. NaN
    is what ``CheckpointHook(save_best='reid/mAP')`` needs: it compares false with any
    score, so no checkpoint is called best and none is replaced, whereas 0.0 would make
    the first checkpoint "best" and a missing key would end the training.

    Args:
        distance (str): ``'cosine'`` or ``'euclidean'``. Defaults to ``'cosine'``.
        ranks (Sequence[int]): Ranks of the CMC. Defaults to ``(1, 5, 10)``.
        rerank (dict, optional): k-reciprocal re-ranking, see
            :func:`mmreid.evaluation.functional.re_rank_blocks`:
            ``dict(k1=20, k2=6, lambda_value=0.3, squared=False)`` or some of these
            (``squared=True`` as torchreid and layumi's baseline); of the vectors as
            they are under the Euclidean distance (as published), of their directions
            under the cosine distance. With ``type='query-expansion'`` instead the
            average query expansion of
            :func:`mmreid.evaluation.functional.expand_queries`, with ``k`` and
            ``alpha``. Junk takes no part in either. Defaults to None.
        protocol (str): ``'market'``; ``'cloth-changing'`` or ``'same-clothes'``, which
            also ignore the query's person in the query's clothes, or in others (the
            samples need ``clothes_id``); ``'single-shot'``: the expectation over
            galleries of one picture per person, as for CUHK03's classic protocol, see
            :func:`mmreid.evaluation.functional.evaluate_single_shot`.
            Defaults to ``'market'``.
        average_precision (str): ``'hits'`` or ``'trapezoid'``, see
            :func:`mmreid.evaluation.functional.evaluate_ranking`.
            Defaults to ``'hits'``.
        multi_query (str, optional): ``'mean'`` or ``'max'``: all query pictures of a
            person in a camera are one query, see
            :func:`mmreid.evaluation.functional.pool_queries`. Defaults to None: each
            picture is a query.
        impostors (str): Whose pictures a single-shot gallery may hold beside the right
            answer: ``'other-camera'`` (none of the query's camera, as published) or
            ``'both'``. Without effect under other protocols.
            Defaults to ``'other-camera'``.
        tracklets (str): What becomes of frames of one tracklet, where the data set
            tells ``tracklet_id``: ``'mean'``, one vector for each tracklet, as for
            MARS; ``'unit-mean'``, of the frames' directions; ``'ignore'``: each frame
            is ranked by itself, see
            :func:`mmreid.evaluation.functional.pool_frames`. Defaults to
            ``'mean'``.
        neighbour_centralisation (str | dict, optional): ``'gallery'``: gallery vectors
            move to their mutual neighbours; ``'both'``: queries too, towards other
            queries, so that a query's answers depend on them, as Pose2ID's NFC was
            published; or ``dict(sides=..., k1=2, k2=2)``. See
            :func:`mmreid.evaluation.functional.centralise_features`. Defaults to None.
        time_prior (str | os.PathLike, optional): The file of a prior of times, as
            ``mmreid time-prior`` learns it from labels of the same cameras, or features
            of such pictures; the samples need ``time``. Defaults to None.
        collect_device (str): ``'cpu'`` or ``'gpu'``. Defaults to ``'cpu'``.
        prefix (str, optional): Put before the names. Defaults to None: ``'reid'``.
        per_query (bool): Also give ``per_query``, the values of every query, see
            :class:`mmreid.evaluation.result.QueryTable`; for a test,
            whose metrics no checkpoint keeps. Defaults to False.

    Raises:
        ValueError: An unknown value, or values that do not go together.
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
        tracklets: str = 'mean',
        neighbour_centralisation: str | dict[str, Any] | None = None,
        time_prior: str | os.PathLike | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        per_query: bool = False,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        self.rules = RankingRules(
            distance=distance,
            ranks=ranks,
            rerank=rerank,
            protocol=protocol,
            average_precision=average_precision,
            multi_query=multi_query,
            impostors=impostors,
            tracklets=tracklets,
            neighbour_centralisation=neighbour_centralisation,
            time_prior=time_prior,
        )
        self.per_query = per_query
        self._warned = False

    def compute_metrics(self, results: Features) -> dict:
        """Rank the gallery for every query.

        Args:
            results (Features): The features of the test set.

        Returns:
            dict: Scores in percent, the protocol stamp, and ``per_query`` if wanted.

        Raises:
            ValueError: No query or no gallery image in the data set, no clothes where
                the protocol needs them, or features that cannot be compared.
        """
        progress = ProgressBar('re-ranking') if self.rules.rerank else None
        result = Result.of(results, self.rules, self.dataset_meta, progress)
        if not self._warned:  # not after every epoch
            self._warned = True
            warn_of_gaps(result.protocol)
        for text in result.warnings:
            print_log(text, logger='current', level=logging.WARNING)
        print_log(str(result), logger='current')
        metrics = dict(**result.scores, protocol=result.protocol)
        if self.per_query:
            metrics['per_query'] = result.table.to_json()
        return metrics
