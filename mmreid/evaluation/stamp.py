"""The protocol stamp: what a number was measured on, and how."""

import logging
from collections.abc import Mapping

import numpy as np
from mmengine.logging import print_log

from mmreid.evaluation.functional import Features
from mmreid.evaluation.functional.distances.degenerate_vectors import find_degeneracy
from mmreid.evaluation.rules import (
    PROTOCOLS,
    Evaluation,
    RankingRules,
)

# Shares of queries and of components that are worth a warning.
_MANY_TIES = 0.05
_MANY_CONSTANT = 0.5
# Of the data set's metainfo. What a model was trained on reaches it from outside.
_DATA = ('dataset', 'version', 'split', 'boxes', 'split_index', 'trained_on')


def describe_features(features: Features, dataset_meta: Mapping | None) -> dict:
    """Tell in plain Python what the features are of and how they were made.

    ``num_gallery`` counts all gallery images, junk and distractors included; what is
    not known, or does not apply, is None.

    Args:
        features: The features; their ``meta`` holds ``flip_test`` and ``normalize``.
        dataset_meta: The data set's metainfo.
    """
    meta = dataset_meta or {}
    is_query = features.is_query
    gallery_ids = features.person_id[~is_query]
    # A data set that numbers its persons from 0 has no distractors.
    distractors = gallery_ids == 0 if 0 not in features.person_id[is_query] else 0
    return dict(
        **{key: _plain(meta.get(key)) for key in _DATA},
        cameras=meta.get('cameras') is not False,
        num_query=int(is_query.sum()),
        num_gallery=len(gallery_ids),
        num_junk=int((gallery_ids == -1).sum()),
        num_distractor=int(np.sum(distractors)),
        embedding_dim=features.embedding.shape[1],
        flip_test=_plain(features.meta.get('flip_test')),
        normalize=_plain(features.meta.get('normalize')),
    )


def stamp_result(
    features: Features,
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
        features: The features that were ranked.
        dataset_meta: Their data set's metainfo.
        rules: By which they were ranked.
        evaluation: The result.
    """
    stamp = describe_features(features, dataset_meta)
    result, first = evaluation.result, evaluation.first
    degeneracy = find_degeneracy(features.embedding, rules.distance)
    return dict(
        **stamp,
        num_query_pooled=None if first is None else len(first),
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
    )


def describe_junk(rules: RankingRules, cameras: bool) -> str:
    """Say which gallery images are no answer to a query.

    Args:
        rules: The rules in force.
        cameras: Whether the data set knows its cameras.
    """
    ignored = ['gallery images of person -1']
    if cameras:
        ignored.append("the query's person in the query's camera")
    else:
        ignored.append("the query's own picture (no cameras are known)")
    wear = PROTOCOLS[rules.protocol]
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


def explain_degenerate(stamp: Mapping) -> list[str]:
    """Say of scores that mean little why they do.

    Args:
        stamp: Of the result.

    Returns:
        A sentence for each reason; none for scores that mean what they should.
    """
    if stamp['identical_vectors']:
        count = stamp['num_query'] + stamp['num_gallery']
        reason = (
            f'All {count} vectors are the same up to rounding: the order of the files '
            'alone makes these scores. The model tells nothing apart; look for a '
            'diverged training, weights that were not loaded or pictures that are all '
            'alike.'
        )
        return [reason]
    told = []
    tied, evaluated = stamp['num_query_tied'] or 0, stamp['num_query_evaluated']
    if tied > _MANY_TIES * evaluated:
        told.append(
            f'For {tied} of {evaluated} queries a wrong answer is exactly as far as '
            'the first right one, so that the order of the gallery decides on its '
            'rank: another order of the files gives other scores.'
        )
    constant, dim = stamp['num_constant_components'], stamp['embedding_dim']
    if constant > _MANY_CONSTANT * dim:
        told.append(
            f'{constant} of {dim} components are the same in all vectors and tell '
            'nothing apart.'
        )
    return told


def explain_no_match(features: Features, stamp: Mapping) -> str:
    """Say why no query could be evaluated, and what to do.

    Args:
        features: The features that were ranked.
        stamp: Of the result, in which no query is evaluated.
    """
    query_ids, gallery_ids, query_cams, gallery_cams = (
        array[half]
        for array in (features.person_id, features.cam_id)
        for half in (features.is_query, ~features.is_query)
    )
    in_gallery = np.isin(query_ids, gallery_ids[gallery_ids != -1])
    wear = PROTOCOLS[stamp['protocol']]
    clothes = {'changed': ' and in other clothes', 'same': ' and in the same clothes'}
    return (
        f'None of the {len(query_ids)} queries has a right answer, so mAP, mINP and '
        'CMC do not exist and are reported as NaN. By this protocol '
        f"({stamp['protocol']}) a right answer shows the query's person in another "
        f"camera than the query's{clothes.get(wear or '', '')}; {stamp['junk_rule']}. "
        f'Queries come from camera(s) {_some(query_cams)}, gallery images from '
        f'camera(s) {_some(gallery_cams)}; {int(in_gallery.sum())} queries have their '
        'person in the gallery, but not as a right answer, and '
        f'{int((~in_gallery).sum())} not at all. If all images come from one camera, '
        'give query and gallery images different cam_id (one per recording, say) so '
        'that they may answer each other; otherwise check how cam_id and person_id '
        'are read from the file names.'
    )


def _some(values: np.ndarray) -> str:
    """List the different values, not more than eight of them."""
    different = np.unique(values).tolist()
    more = f' and {len(different) - 8} more' if len(different) > 8 else ''
    return ', '.join(map(str, different[:8])) + more


def _plain(value: object) -> object:
    """Return a value that JSON and a safe checkpoint can hold."""
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return str(value)
