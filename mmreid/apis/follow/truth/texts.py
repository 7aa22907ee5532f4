"""Scores of identities as text and as JSON."""

from dataclasses import asdict
from typing import Any

import numpy as np

from mmreid.apis.follow.truth.scores import FollowingScores
from mmreid.evaluation.functional.following import Reassociation
from mmreid.text_tables import format_number, format_table


def format_following(scores: FollowingScores) -> str:
    """Write scores as tables for people to read.

    Args:
        scores (FollowingScores): Of :func:`score_following`.

    Returns:
        str: Lines, in percent.
    """
    rows = [['', 'IDF1', 'IDP', 'IDR', 'persons', 'identities']]
    named = {'all cameras': scores.joint, **scores.cameras}
    if scores.unjoined is not None:
        named['tracks as given'] = scores.unjoined
    for name, one in named.items():
        values = [format_number(100 * v) for v in (one.idf1, one.idp, one.idr)]
        rows.append([name, *values, str(one.num_persons), str(one.num_identities)])
    lines = [format_table(rows)]
    if (group := scores.grouping) is not None:
        shares = (group.purity, group.precision, group.recall, group.f_score)
        words = [format_number(100 * value) for value in shares]
        lines.append(
            f'{group.num_tracklets} tracklets: purity {words[0]}, pairs: precision '
            f'{words[1]}, recall {words[2]}, F {words[3]}'
        )
    lines += map(_format_reassociation, scores.reassociations)
    return '\n'.join(lines)


def _format_reassociation(one: Reassociation) -> str:
    start = f'found again after {one.after:g} s or more: '
    if one.interval is None:
        return f'{start}nobody comes again'
    value, low, high = (
        100 * float(number)
        for number in (one.interval.value, one.interval.low, one.interval.high)
    )
    return (
        f'{start}{value:.2f} ({low:.2f} to {high:.2f}, 95 % over {one.num_persons} '
        f'persons; {one.num_queries} tracklets)'
    )


def list_scores(scores: FollowingScores) -> dict[str, Any]:
    """Turn scores into what JSON knows.

    Args:
        scores (FollowingScores): Of :func:`score_following`.

    Returns:
        dict[str, Any]: Shares of 1.
    """
    found = []
    for one in scores.reassociations:
        interval = one.interval
        ends = ('value', 'low', 'high')
        found.append(
            dict(
                after=one.after,
                num_queries=one.num_queries,
                num_persons=one.num_persons,
                **{
                    name: np.nan if interval is None else float(getattr(interval, name))
                    for name in ends
                },
            )
        )
    return dict(
        joint=asdict(scores.joint),
        cameras={name: asdict(one) for name, one in scores.cameras.items()},
        tracks_as_given=None if scores.unjoined is None else asdict(scores.unjoined),
        grouping=None if scores.grouping is None else asdict(scores.grouping),
        found_again=found,
    )
