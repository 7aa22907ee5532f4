"""The protocol stamp in words: what was measured, and why a number means little."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mmreid.evaluation.functional.time_prior.learning import name_source
from mmreid.evaluation.rules import CLOTHES_OF_PROTOCOLS
from mmreid.evaluation.test_set import JUNK, TestSet

# Shares of queries and of components that are worth a warning.
_MANY_TIES = 0.05
_MANY_CONSTANT = 0.5


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
        **_tracklets(stamp),
        ranking=_ranking(stamp),
        **_boosters(stamp),
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
    if stamp.get('tracklets', 'ignore') != 'ignore':
        queries = f'{stamp["num_query"]:,} query tracklets'
    if stamp['num_query_pooled'] is not None:
        queries += f' pooled to {stamp["num_query_pooled"]:,}'
    return (
        f'{queries} ({stamp["num_query_evaluated"]:,} evaluated, '
        f'{stamp["num_query_without_match"]:,} left out: no right answer), '
        f'{stamp["num_gallery"]:,} in the gallery ({stamp["num_junk"]:,} junk, '
        f'{stamp["num_distractor"]:,} distractors)'
    )


def _tracklets(stamp: Mapping[str, Any]) -> dict[str, str]:
    words = {
        'mean': 'pooled by tracklet: mean of the vectors as they are',
        'unit-mean': "pooled by tracklet: mean of the vectors' directions",
        'ignore': 'not pooled by tracklet: each is ranked by itself',
    }
    if 'tracklets' not in stamp:
        return {}
    frames = f'{stamp["num_query_pictures"]:,} + {stamp["num_gallery_pictures"]:,}'
    return dict(frames=f'{frames}, {words[stamp["tracklets"]]}')


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


def _ranking(stamp: Mapping[str, Any]) -> str:
    joint = ' joined with times' if stamp.get('time_prior') else ''
    return f'{stamp["distance"]} distance{joint}, {_reranking(stamp["rerank"])}'


def _boosters(stamp: Mapping[str, Any]) -> dict[str, str]:
    """Say what was done without training, and what its catch is."""
    lines = {}
    if moved := stamp.get('neighbour_centralisation'):
        lists = f'k1={moved["k1"]}, k2={moved["k2"]}'
        lines['moved'] = f'gallery to its mutual neighbours ({lists})'
        if moved['sides'] == 'both':
            lines['moved'] = (
                f'gallery and queries each to their own mutual neighbours ({lists}): a '
                "query's answers depend on the other queries"
            )
    if prior := stamp.get('time_prior'):
        source = prior['learned_from']
        # A prior that is made by hand tells nothing of them.
        persons = source.get('num_persons')
        number = 'an unknown number of' if persons is None else f'{persons:,}'
        lines['times'] = (
            f'prior {prior["digest"]}, learned from labels of the same cameras: '
            f'{name_source(source)}, {number} persons'
        )
    return lines


def _reranking(rerank: Mapping[str, Any] | None) -> str:
    if rerank is None:
        return 'no re-ranking'
    options = ', '.join(f'{k}={v}' for k, v in rerank.items() if k != 'type')
    return f're-ranked: {rerank["type"]} ({options})'


def _features(stamp: Mapping[str, Any]) -> str:
    words = {True: 'flip averaged', False: 'no flip'}
    flip = words.get(stamp['flip_test'], 'flip: unknown')
    side = stamp.get('side_information')
    runtime = stamp.get('runtime')
    file = f', {stamp.get("precision") or "unknown"} by {runtime}' if runtime else ''
    return (
        f'{stamp["embedding_dim"]} components, {flip}, '
        f'normalize: {stamp["normalize"] or "unknown"}'
        f'{f", side information: {side}" if side else ""}{file}; '
        f'trained on: {stamp["trained_on"] or "unknown"}'
    )


def _list(values: np.ndarray) -> str:
    """List the different values, not more than eight of them."""
    different = np.unique(values).tolist()
    more = f' and {len(different) - 8} more' if len(different) > 8 else ''
    return ', '.join(map(str, different[:8])) + more
