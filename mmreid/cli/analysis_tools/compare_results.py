"""Compare results on the same queries: differences, intervals, p values."""

from argparse import ArgumentParser

from mmreid.cli import flags
from mmreid.cli.analysis_tools.ranking_flags import (
    add_ranking,
    check_ranking,
    read_rules,
)
from mmreid.cli.command import command, short_errors

EPILOG = """
A method is a file: features (.npz, .safetensors) or scores with the values of single
queries (.json of tools/test.py, evaluate_features.py or repeat.py). Several files,
joined by commas or as a quoted pattern such as 'work_dirs/bot_seed*/metrics.json', are
runs of one method, trained with different seeds. All methods are compared with the
first; two with several runs each over runs and persons, else over persons alone.
"""


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG)
    parser.add_argument('methods', nargs='+', metavar='METHOD')
    add_ranking(parser)
    _add_resampling(parser)
    _add_family(parser)
    flags.add_out(parser)
    flags.add_debug(parser)
    return parser


def _add_resampling(parser: ArgumentParser) -> None:
    """Declare how uncertainty is estimated."""
    parser.add_argument(
        '--resamples', type=int, default=10_000, help='default: %(default)s'
    )
    parser.add_argument(
        '--confidence', type=float, default=0.95, help='default: %(default)s'
    )
    parser.add_argument(
        '--seed', type=int, default=0, help='of the resamples (default: %(default)s)'
    )
    parser.add_argument(
        '--by-query',
        action='store_true',
        help='take queries for independent, which those of one person are not: '
        'narrower intervals, smaller p values',
    )


def _add_family(parser: ArgumentParser) -> None:
    """Declare what is compared, and what for how many comparisons is made up."""
    parser.add_argument(
        '--metrics',
        nargs='+',
        metavar='METRIC',
        help='compare by these alone, such as mAP R1 (default: all)',
    )
    parser.add_argument(
        '--correction',
        choices=('none', 'holm'),
        default='none',
        help='of p values, for the number of all that are printed: every method, '
        'metric and data set (default: %(default)s)',
    )


@command
def main() -> None:
    """Read, compare, print."""
    parser = make_parser()
    args = parser.parse_args()
    check_ranking(parser, args)
    from mmreid.apis.evaluate.comparing.comparison import compare_results
    from mmreid.apis.evaluate.comparing.comparison_text import (
        format_comparisons,
        write_comparisons,
    )
    from mmreid.apis.evaluate.comparing.corrections import correct_comparisons
    from mmreid.apis.evaluate.intervals import Resampling
    from mmreid.apis.evaluate.result_files import load_methods

    with short_errors(parser, args, OSError, ValueError, ImportError):
        how = Resampling(
            args.resamples, args.confidence, args.seed, by_person=not args.by_query
        )
        sets = load_methods(args.methods, read_rules(args))
        comparisons = {
            name: compare_results(methods, how, args.metrics)
            for name, methods in sets.items()
        }
        comparisons = correct_comparisons(comparisons, args.correction)
        if args.out is not None:
            write_comparisons(args.out, comparisons)
    print(format_comparisons(comparisons))
