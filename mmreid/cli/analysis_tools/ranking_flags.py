"""How features are ranked, for commands whose files may be scores as well."""

from argparse import ArgumentParser, Namespace, _ActionsContainer
from typing import Any

# Of mmreid.evaluation.functional, which is not imported yet.
DISTANCES = ('cosine', 'euclidean')
SIDES = ('gallery', 'both')


def add_ranking(parser: ArgumentParser) -> None:
    """Declare how features are ranked; scores stay as they are.

    Args:
        parser (ArgumentParser): Is given ``distance``, ``rerank``,
            ``rerank_squared``, ``neighbour_centralisation`` and ``time_prior``.
    """
    parser.add_argument(
        '--distance',
        choices=DISTANCES,
        default='cosine',
        help='for features; scores stay as they are (default: %(default)s)',
    )
    parser.add_argument(
        '--rerank', action='store_true', help='re-rank features (k1 20, k2 6, 0.3)'
    )
    parser.add_argument(
        '--rerank-squared',
        action='store_true',
        help='by squared Euclidean distances, as torchreid and layumi do',
    )
    add_boosters(parser)


def add_boosters(parser: _ActionsContainer) -> None:
    """Declare what else may be done to vectors and distances, without training.

    Args:
        parser (_ActionsContainer): Is given ``neighbour_centralisation`` and
            ``time_prior``.
    """
    parser.add_argument(
        '--neighbour-centralisation',
        choices=SIDES,
        help='move the vectors of the gallery to their mutual neighbours, or those of '
        'both halves; the latter has queries help each other',
    )
    parser.add_argument(
        '--time-prior',
        metavar='FILE',
        help='join distances with what is known of times between cameras: a file of '
        'mmreid time-prior, or features of pictures for training with times',
    )


def check_ranking(parser: ArgumentParser, args: Namespace) -> None:
    """End the program where the flags do not go together.

    Args:
        parser (ArgumentParser): Ends it.
        args (Namespace): The command line.
    """
    if args.rerank_squared and not args.rerank:
        parser.error('--rerank-squared goes with --rerank')


def read_rules(args: Namespace) -> Any:
    """Make the rules that the command line tells.

    Args:
        args (Namespace): With what :func:`add_ranking` declares.

    Returns:
        Any: ``RankingRules``.
    """
    from mmreid.evaluation.rules import RankingRules

    options = dict(squared=args.rerank_squared)
    return RankingRules(
        args.distance,
        rerank=options if args.rerank else None,
        neighbour_centralisation=args.neighbour_centralisation,
        time_prior=args.time_prior,
    )
