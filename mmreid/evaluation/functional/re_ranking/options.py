"""What may be done to a ranking before it is scored, as one dict of options."""

from collections.abc import Mapping
from typing import Any

from mmreid.arguments import check_choice
from mmreid.evaluation.functional.re_ranking.centralisation import check_centralisation
from mmreid.evaluation.functional.re_ranking.k_reciprocal import check_re_ranking

# Whose vectors are centralised: those of the gallery, or of the queries as well.
SIDES = ('gallery', 'both')
CENTRALISATION: dict[str, Any] = dict(sides='gallery', k1=2, k2=2)
# Kind -> its options and their defaults.
RERANKINGS: dict[str, dict[str, Any]] = {
    'k-reciprocal': dict(k1=20, k2=6, lambda_value=0.3, squared=False),
    'query-expansion': dict(k=10, alpha=0.0),
}


def complete_centralisation(
    centralisation: str | Mapping[str, Any] | None, distance: str
) -> dict[str, Any] | None:
    """Check the options of neighbour feature centralisation, fill in the defaults.

    Args:
        centralisation (str | Mapping[str, Any] | None): None, one of ``SIDES``, or a
            dict with ``sides`` (default ``'gallery'``) and some of the options of
            :func:`centralise_features`.
        distance (str): By which the vectors are compared.

    Returns:
        ``sides``, ``k1`` and ``k2``; None for None.

    Raises:
        ValueError: An unknown side or option, an impossible value, or another distance
            than the cosine.
    """
    if centralisation is None:
        return None
    given = centralisation
    if isinstance(given, str):
        given = dict(sides=given)
    if not isinstance(given, Mapping) or given.keys() - CENTRALISATION.keys():
        raise ValueError(
            f'neighbour_centralisation must be None, one of {SIDES} or a dict with '
            f'some of {[*CENTRALISATION]}, got {centralisation!r}.'
        )
    options = {**CENTRALISATION, **given}
    check_choice('sides of neighbour_centralisation', options['sides'], SIDES)
    check_centralisation(options['k1'], options['k2'])
    if distance != 'cosine':
        raise ValueError(
            'Neighbour feature centralisation moves directions: it needs '
            f"distance='cosine', got distance={distance!r}."
        )
    return options


def complete_rerank(
    rerank: Mapping[str, Any] | None, distance: str
) -> dict[str, Any] | None:
    """Check the options of re-ranking and fill in the defaults.

    Args:
        rerank (Mapping[str, Any] | None): None, or a dict with ``type`` (default
            ``'k-reciprocal'``) and some of the options of :func:`re_rank_blocks` or of
            :func:`expand_queries`.
        distance (str): By which the vectors are compared.

    Returns:
        ``type`` and all its options; None for None.

    Raises:
        ValueError: An unknown type or option, an impossible value, or query expansion
            under another distance than the cosine.
    """
    if rerank is None:
        return None
    if not isinstance(rerank, Mapping):
        raise ValueError(
            'rerank must be None or a dict of options, such as dict(k1=20, k2=6, '
            'lambda_value=0.3) (on the command line: --cfg-options '
            f'test_evaluator.rerank.k1=20), got {rerank!r}.'
        )
    given = dict(rerank)
    kind = given.pop('type', 'k-reciprocal')
    if kind not in RERANKINGS:
        raise ValueError(f'rerank type must be one of {[*RERANKINGS]}, got {kind!r}.')
    unknown = sorted(given.keys() - RERANKINGS[kind].keys())
    if unknown:
        raise ValueError(
            f'rerank of type {kind!r} has no option {unknown}; it takes '
            f'{[*RERANKINGS[kind]]}.'
        )
    options = {**RERANKINGS[kind], **given}
    if kind == 'k-reciprocal':
        check_re_ranking(**options)
    else:
        _check_expansion(**options, distance=distance)
    return dict(type=kind, **options)


def _check_expansion(k: int, alpha: float, distance: str) -> None:
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise ValueError(f'k must be a whole number from 1, got {k!r}.')
    if not alpha >= 0:
        raise ValueError(f'alpha must not be negative, got {alpha!r}.')
    if distance != 'cosine':
        raise ValueError(
            "Query expansion averages directions: it needs distance='cosine', got "
            f'distance={distance!r}.'
        )
