"""Compare results on the same queries: differences, intervals, p values."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog='A method is a file: features (.npz, .safetensors) or scores with the '
        'values of single queries (.json of tools/test.py, evaluate_features.py or '
        'repeat.py). Several files, joined by commas or as a quoted pattern such as '
        "'work_dirs/bot_seed*/metrics.json', are runs of one method. All methods are "
        'compared with the first.',
    )
    parser.add_argument('methods', nargs='+', metavar='METHOD')
    parser.add_argument(
        '--distance',
        choices=['cosine', 'euclidean'],
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
    parser.add_argument('--out', type=Path, metavar='JSON', help='write it as JSON too')
    parser.add_argument(
        '--debug', action='store_true', help='show the traceback of every error'
    )
    return parser


def main() -> None:
    """Read, compare, print."""
    parser = make_parser()
    args = parser.parse_args()
    if args.rerank_squared and not args.rerank:
        parser.error('--rerank-squared goes with --rerank')
    # The clone itself, for `mmreid` without installation and for `projects`.
    sys.path.insert(0, str(ROOT))
    from mmreid import engine
    from mmreid.apis.evaluate.comparison import compare_results
    from mmreid.apis.evaluate.comparison_report import (
        format_comparisons,
        write_comparisons,
    )
    from mmreid.apis.evaluate.resampling import Resampling
    from mmreid.apis.evaluate.result_files import load_methods
    from mmreid.evaluation.rules import RankingRules

    engine.expand_home(vars(args))
    kinds = (OSError, ValueError, ImportError)
    with engine.short_errors(parser.exit, *kinds, debug=args.debug):
        options = dict(squared=args.rerank_squared)
        rules = RankingRules(args.distance, rerank=options if args.rerank else None)
        how = Resampling(
            args.resamples, args.confidence, args.seed, by_person=not args.by_query
        )
        sets = load_methods(args.methods, rules)
        found = {name: compare_results(methods, how) for name, methods in sets.items()}
        if args.out is not None:
            write_comparisons(args.out, found)
    print(format_comparisons(found))


if __name__ == '__main__':
    main()
