"""What is computed of features beside the scores: flags, and what they ask for."""

from argparse import Namespace, _ArgumentGroup
from pathlib import Path
from typing import TYPE_CHECKING

from mmreid.cli import flags

if TYPE_CHECKING:
    from mmreid.apis import Analyses
    from mmreid.evaluation.functional import Features


def add_analyses(group: _ArgumentGroup) -> None:
    """Declare what is computed beside the scores.

    Args:
        group (_ArgumentGroup): Is given what :func:`read_analyses` reads, and
            ``task`` and ``save_threshold`` of :func:`keep_threshold`.
    """
    group.add_argument(
        '--bootstrap',
        type=int,
        default=10_000,
        metavar='N',
        help='resamples for the 95 %% intervals, 0 for none (default: %(default)s)',
    )
    group.add_argument('--seed', type=int, default=0, help='of the resamples')
    group.add_argument(
        '--by-query',
        action='store_true',
        help='resample queries and not persons: narrower intervals, which ignore that '
        'queries of one person are alike',
    )
    group.add_argument(
        '--by-camera', action='store_true', help='mAP and R1 by pairs of cameras'
    )
    group.add_argument('--hardest', type=int, default=0, metavar='N', help='queries')
    _add_open_set(group)


def _add_open_set(group: _ArgumentGroup) -> None:
    """Declare what is measured where a query may have no right answer."""
    group.add_argument(
        '--open-set',
        type=float,
        nargs='*',
        metavar='RATE',
        help='identification at these false accept rates and verification at these '
        'false positive rates, fractions (default: 0.001 0.01 0.1)',
    )
    group.add_argument(
        '--task',
        choices=flags.TASKS,
        default='identification',
        help='that --save-threshold is for (default: %(default)s)',
    )
    group.add_argument(
        '--save-threshold',
        type=Path,
        metavar='JSON',
        help='keep the threshold of the first RATE of --open-set',
    )
    group.add_argument(
        '--threshold',
        type=Path,
        metavar='JSON',
        help='measure the rates at a threshold that was saved',
    )


def read_analyses(args: Namespace) -> 'Analyses':
    """Return what is to be computed beside the scores.

    Args:
        args (Namespace): The command line.

    Raises:
        ValueError: An impossible value, or a file that holds no threshold.
        OSError: The file of a threshold cannot be read.
    """
    from mmreid.apis import Analyses, Resampling
    from mmreid.apis.evaluate.thresholds import RATES
    from mmreid.evaluation.functional import load_threshold

    how = Resampling(args.bootstrap, seed=args.seed, by_person=not args.by_query)
    return Analyses(
        resampling=how if args.bootstrap else None,
        by_camera=args.by_camera,
        hardest=args.hardest,
        rates=RATES if args.open_set == [] else args.open_set,
        threshold=args.threshold and load_threshold(args.threshold),
    )


def keep_threshold(args: Namespace, features: 'Features', report: dict) -> None:
    """Write the threshold that was measured.

    Args:
        args (Namespace): The command line.
        features (Features): On which it was.
        report (dict): Of the open set.

    Raises:
        ValueError: The threshold is infinite: no wrong answer is to be kept out.
        OSError: The file cannot be written.
    """
    from mmreid.apis.evaluate.thresholds import choose_threshold
    from mmreid.evaluation.functional import save_threshold

    threshold = choose_threshold(features, args.task, report[f'reid/{args.task}'])
    save_threshold(args.save_threshold, threshold)
