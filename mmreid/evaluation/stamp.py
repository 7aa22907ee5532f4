"""The protocol stamp: what a number was measured on, and how, as values and words."""

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
from mmengine.logging import print_log

from mmreid.evaluation.functional.distances.measures import find_degeneracy
from mmreid.evaluation.rules import CLOTHES_OF_PROTOCOLS, Evaluation, RankingRules
from mmreid.evaluation.test_set import DISTRACTOR, JUNK, TestSet
from mmreid.files import to_json

# Shares of queries and of components that are worth a warning.
_MANY_TIES = 0.05
_MANY_CONSTANT = 0.5
# Of the data set's metainfo. What a model was trained on reaches it from outside.
_DATA = ('dataset', 'version', 'split', 'boxes', 'split_index', 'trained_on')


def describe_features(test_set: TestSet, dataset_meta: Mapping | None) -> dict:
    """Tell in plain Python what the features are of and how they were made.

    ``num_gallery`` counts all gallery images, junk and distractors included; what is
    not known, or does not apply, is None. ``side_information`` is told of networks that
    have it alone.

    Args:
        test_set (TestSet): Queries and gallery; its ``meta`` holds ``flip_test``,
            ``normalize`` and, where the network is told more than pixels,
            ``side_information``.
        dataset_meta (Mapping, optional): The data set's metainfo.
    """
    meta, features_meta = dataset_meta or {}, test_set.meta
    side = features_meta.get('side_information')
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
        **({} if side is None else dict(side_information=str(side))),
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


def explain_degenerate(stamp: Mapping) -> list[str]:
    """Say of scores that mean little why they do.

    Args:
        stamp (Mapping): Of the result.

    Returns:
        list[str]: A sentence for each reason; none for scores that mean what they
        should.
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
    reasons = []
    tied, evaluated = stamp['num_query_tied'] or 0, stamp['num_query_evaluated']
    if tied > _MANY_TIES * evaluated:
        reasons.append(
            f'For {tied} of {evaluated} queries a wrong answer is exactly as far as '
            'the first right one, so that the order of the gallery decides on its '
            'rank: another order of the files gives other scores.'
        )
    constant, dim = stamp['num_constant_components'], stamp['embedding_dim']
    if constant > _MANY_CONSTANT * dim:
        reasons.append(
            f'{constant} of {dim} components are the same in all vectors and tell '
            'nothing apart.'
        )
    return reasons


def explain_no_match(test_set: TestSet, stamp: Mapping) -> str:
    """Say why no query could be evaluated, and what to do.

    Args:
        test_set (TestSet): What was ranked.
        stamp (Mapping): Of the result, in which no query is evaluated.
    """
    queries, gallery_ids = test_set.queries, test_set.gallery.person_id
    in_gallery = np.isin(queries.person_id, gallery_ids[gallery_ids != JUNK])
    wear = CLOTHES_OF_PROTOCOLS[stamp['protocol']]
    clothes = {'changed': ' and in other clothes', 'same': ' and in the same clothes'}
    return (
        f'None of the {len(queries)} queries has a right answer, so mAP, mINP and '
        'CMC do not exist and are reported as NaN. By this protocol '
        f"({stamp['protocol']}) a right answer shows the query's person in another "
        f"camera than the query's{clothes.get(wear or '', '')}; {stamp['junk_rule']}. "
        f'Queries come from camera(s) {_list(queries.cam_id)}, gallery images from '
        f'camera(s) {_list(test_set.gallery.cam_id)}; '
        f'{int(in_gallery.sum())} queries have their person in the gallery, '
        f'but not as a right answer, and {int((~in_gallery).sum())} not at all. '
        'If all images come from one camera, give query and gallery images different '
        'cam_id (one per recording, say) so that they may answer each other; otherwise '
        'check how cam_id and person_id are read from the file names.'
    )


def describe_data(stamp: Mapping[str, Any]) -> str:
    """Say in one line what was evaluated on."""
    boxes, index = stamp['boxes'], stamp['split_index']
    words = [
        stamp['dataset'] or 'unknown data set',
        stamp['version'],
        stamp['split'],
        boxes and f'({boxes} boxes)',
        None if index is None else f'(split index {index})',
    ]
    return ' '.join(str(word) for word in words if word)


def describe_rules(stamp: Mapping[str, Any]) -> list[str]:
    """Say what the scores mean, a line for each thing.

    Args:
        stamp (Mapping): The protocol stamp; what it should tell but does not is
            ``unknown``.
    """
    lines = dict(
        images=_images(stamp),
        protocol=_protocol(stamp),
        ignored=stamp['junk_rule'].removesuffix(', are ignored'),
        ranking=f'{stamp["distance"]} distance, {_reranking(stamp["rerank"])}',
        features=_features(stamp),
    )
    if stamp.get('num_query_tied'):
        lines['ties'] = (
            f'of {stamp["num_query_tied"]:,} queries the first right answer is as far '
            'as a wrong one; the order of the gallery decides'
        )
    return [f'  {name:8}  {text}' for name, text in lines.items()]


def _images(stamp: Mapping[str, Any]) -> str:
    queries = f'{stamp["num_query"]:,} queries'
    if stamp['num_query_pooled'] is not None:
        queries += f' pooled to {stamp["num_query_pooled"]:,}'
    return (
        f'{queries} ({stamp["num_query_evaluated"]:,} evaluated, '
        f'{stamp["num_query_without_match"]:,} left out: no right answer), '
        f'{stamp["num_gallery"]:,} in the gallery ({stamp["num_junk"]:,} junk, '
        f'{stamp["num_distractor"]:,} distractors)'
    )


def _protocol(stamp: Mapping[str, Any]) -> str:
    pooling, impostors = stamp['multi_query'], stamp['impostors']
    single_shot = stamp['protocol'] == 'single-shot'
    parts = [
        stamp['protocol'] + (' (exact expectation)' if single_shot else ''),
        f'multi-query ({pooling})' if pooling else 'single query',
        impostors and f'impostors: {impostors}',
        f'average precision: {stamp["average_precision"]}',
    ]
    return ', '.join(part for part in parts if part)


def _reranking(rerank: Mapping[str, Any] | None) -> str:
    if rerank is None:
        return 'no re-ranking'
    options = ', '.join(f'{k}={v}' for k, v in rerank.items() if k != 'type')
    return f're-ranked: {rerank["type"]} ({options})'


def _features(stamp: Mapping[str, Any]) -> str:
    words = {True: 'flip averaged', False: 'no flip'}
    flip = words.get(stamp['flip_test'], 'flip: unknown')
    side = stamp.get('side_information')
    return (
        f'{stamp["embedding_dim"]} components, {flip}, '
        f'normalize: {stamp["normalize"] or "unknown"}'
        f'{f", side information: {side}" if side else ""}; '
        f'trained on: {stamp["trained_on"] or "unknown"}'
    )


def _list(values: np.ndarray) -> str:
    """List the different values, not more than eight of them."""
    different = np.unique(values).tolist()
    more = f' and {len(different) - 8} more' if len(different) > 8 else ''
    return ', '.join(map(str, different[:8])) + more
