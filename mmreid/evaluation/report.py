"""A result as text: the scores, and in a few lines what they mean."""

from collections.abc import Mapping
from typing import Any


def format_report(scores: Mapping[str, float], stamp: Mapping[str, Any]) -> str:
    """Lay out a result.

    Args:
        scores: In percent, by name.
        stamp: The protocol stamp.

    Returns:
        Lines: the data set, the scores as a table, the rest of the stamp.
    """
    lines = describe_data(stamp), format_scores(scores), *describe_rules(stamp)
    return '\n'.join(lines)


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


def format_scores(scores: Mapping[str, float]) -> str:
    """Lay out scores as a table of two lines."""
    widths = [max(len(name), 6) for name in scores]
    names = (f'{name:>{width}}' for name, width in zip(scores, widths, strict=True))
    cells = zip(scores.values(), widths, strict=True)
    values = (f'{value:{width}.2f}' for value, width in cells)
    return '\n'.join('  ' + '  '.join(line) for line in (names, values))


def describe_rules(stamp: Mapping[str, Any]) -> list[str]:
    """Say what the scores mean, a line for each thing.

    Args:
        stamp: The protocol stamp; what it should tell but does not is ``unknown``.
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
    return (
        f'{stamp["embedding_dim"]} components, {flip}, '
        f'normalize: {stamp["normalize"] or "unknown"}; '
        f'trained on: {stamp["trained_on"] or "unknown"}'
    )
