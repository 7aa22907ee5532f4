"""The protocol stamp: what a number was measured on, and how, as values."""

import logging
from collections.abc import Mapping

from mmengine.logging import print_log

from mmreid.evaluation.functional.distances.measures import find_degeneracy
from mmreid.evaluation.rules import CLOTHES_OF_PROTOCOLS, Evaluation, RankingRules
from mmreid.evaluation.test_set import DISTRACTOR, JUNK, TestSet
from mmreid.files import to_json

# Of the data set's metainfo. What a model was trained on reaches it from outside.
_DATA = ('dataset', 'version', 'split', 'boxes', 'split_index', 'trained_on')
# Of the features' metadata, where they are known.
_TOLD = ('runtime', 'precision', 'side_information')
#: Of a stamp, what tells of one run and its vectors, and not of the protocol.
OF_RUN = (
    *('features_key', 'runtime', 'precision'),
    *('num_query_tied', 'num_constant_components', 'identical_vectors'),
)


def describe_features(test_set: TestSet, dataset_meta: Mapping | None) -> dict:
    """Tell in plain Python what the features are of and how they were made.

    ``num_gallery`` counts all gallery images, junk and distractors included; what is
    not known, or does not apply, is None. ``side_information`` is told of networks that
    have it alone, ``runtime`` and ``precision`` of exported files.

    Args:
        test_set (TestSet): Queries and gallery; its ``meta`` holds ``flip_test``,
            ``normalize`` and some of ``runtime``, ``precision`` and
            ``side_information``.
        dataset_meta (Mapping, optional): The data set's metainfo.
    """
    meta, features_meta = dataset_meta or {}, test_set.meta
    told = {key: features_meta.get(key) for key in _TOLD}
    queries, gallery_ids = test_set.queries, test_set.gallery.person_id
    # A data set that numbers its persons from 0 has no distractors.
    has_distractors = DISTRACTOR not in queries.person_id
    return dict(
        **{key: to_json(meta.get(key), str) for key in _DATA},
        cameras=meta.get('cameras') is not False,
        num_query=len(queries),
        num_gallery=len(gallery_ids),
        num_junk=int((gallery_ids == JUNK).sum()),
        num_distractor=int(has_distractors * (gallery_ids == DISTRACTOR).sum()),
        embedding_dim=queries.vectors.shape[1],
        flip_test=to_json(features_meta.get('flip_test'), str),
        normalize=to_json(features_meta.get('normalize'), str),
        **{key: str(value) for key, value in told.items() if value is not None},
    )


def make_stamp(
    test_set: TestSet,
    dataset_meta: Mapping | None,
    rules: RankingRules,
    evaluation: Evaluation,
) -> dict:
    """Tell in plain Python what scores mean.

    Beside what :func:`describe_features` tells: how many queries were evaluated and
    left out (and, where queries were pooled, how many there were in all), for how many
    the order of the gallery alone decided (None: not counted), whether the vectors
    tell anything apart, the rules by which they were ranked, and in words who is no
    answer.

    Args:
        test_set (TestSet): What was ranked.
        dataset_meta (Mapping, optional): The data set's metainfo.
        rules (RankingRules): By which it was ranked.
        evaluation (Evaluation): The result.
    """
    stamp = describe_features(test_set, dataset_meta)
    result, first = evaluation.result, evaluation.first
    degeneracy = find_degeneracy(test_set, rules.distance)
    return dict(
        **stamp,
        num_query_pooled=len(first)
        if rules.multi_query and first is not None
        else None,
        num_query_evaluated=result.num_query_evaluated,
        num_query_without_match=result.num_query_without_match,
        num_query_tied=result.num_query_tied,
        num_constant_components=degeneracy.num_constant,
        identical_vectors=degeneracy.alike,
        protocol=rules.protocol,
        multi_query=rules.multi_query,
        impostors=rules.impostors if rules.protocol == 'single-shot' else None,
        distance=rules.distance,
        rerank=dict(rules.rerank) if rules.rerank else None,
        average_precision=rules.average_precision,
        junk_rule=describe_junk(rules, stamp['cameras']),
        **describe_boosters(rules),
    )


def describe_boosters(rules: RankingRules) -> dict:
    """Tell what else was done to vectors and distances; nothing where nothing was.

    Args:
        rules (RankingRules): By which it was ranked.

    Returns:
        dict: ``neighbour_centralisation`` as the rules have it, and ``time_prior`` as
        :meth:`TimePrior.describe` tells it.
    """
    told = {}
    if rules.neighbour_centralisation is not None:
        told['neighbour_centralisation'] = dict(rules.neighbour_centralisation)
    if rules.time_prior is not None:
        told['time_prior'] = rules.time_prior.describe()
    return told


def describe_tracklets(test_set: TestSet, rules: RankingRules) -> dict:
    """Tell what became of tracklets; nothing where the data set has none.

    Args:
        test_set (TestSet): As it was collected.
        rules (RankingRules): By which it was ranked.

    Returns:
        dict: ``tracklets`` as the rules have it, and how many pictures were queries and
        in the gallery before pooling.
    """
    if not test_set.has_tracklets:
        return {}
    return dict(
        tracklets=rules.tracklets,
        num_query_pictures=len(test_set.queries),
        num_gallery_pictures=len(test_set.gallery),
    )


def describe_junk(rules: RankingRules, cameras: bool) -> str:
    """Say which gallery images are no answer to a query.

    Args:
        rules (RankingRules): The rules in force.
        cameras (bool): Whether the data set knows its cameras.
    """
    ignored = ['gallery images of person -1']
    if cameras:
        ignored.append("the query's person in the query's camera")
    else:
        ignored.append("the query's own picture (no cameras are known)")
    wear = CLOTHES_OF_PROTOCOLS[rules.protocol]
    if wear == 'changed':
        ignored.append("the query's person in the query's clothes")
    elif wear == 'same':
        ignored.append("the query's person in other clothes")
    elif rules.protocol == 'single-shot' and rules.impostors == 'other-camera':
        ignored.append("everybody else in the query's camera")
    return f'{", ".join(ignored[:-1])}, and {ignored[-1]}, are ignored'


def warn_of_gaps(stamp: Mapping) -> None:
    """Warn of what a stamp should tell but cannot."""
    keys = ('dataset', 'version', 'split', 'flip_test', 'normalize')
    unknown = [key for key in keys if stamp[key] is None]
    if unknown:
        print_log(
            f'The protocol stamp lacks {unknown}: data set, version and split come '
            "from the data set's metainfo, flip_test and normalize from the model's "
            'data samples. They are left open rather than guessed.',
            logger='current',
            level=logging.WARNING,
        )
