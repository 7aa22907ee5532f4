"""Evaluate a features file, of whatever program, without building a model."""

import argparse
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def number(word: str) -> int | float:
    """Read a whole number as such."""
    return float(word) if '.' in word else int(word)


def named_file(word: str) -> tuple[str, Path]:
    """Read ``NAME=FILE``."""
    name, _, file = word.partition('=')
    if not name or not file:
        raise argparse.ArgumentTypeError(f'{word} must be NAME=FILE')
    return name, Path(file)


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog='The file: .npz or .safetensors of tools/test.py --out; or the arrays '
        'of another program in .npz, .safetensors, .mat, .h5, .pt, .csv or .parquet: '
        'features, pids, camids (queries first, see --num-query), or query and gallery '
        'apart: qf, gf, q_pids, g_pids, q_camids, g_camids.',
    )
    parser.add_argument('features', nargs='?', metavar='FILE')
    parser.add_argument(
        '--map',
        type=named_file,
        nargs='+',
        action='extend',
        default=[],
        metavar='NAME=FILE',
        help='take an array from a file of its own, .npy for instance, beside FILE or '
        'instead of it: --map features=f.npy pids=p.npy camids=c.npy',
    )
    parser.add_argument(
        '--no-cameras',
        action='store_true',
        help='the data have no cameras: each picture counts as one of its own',
    )
    parser.add_argument(
        '--num-query', type=int, help='queries at the start of a file that does not say'
    )
    parser.add_argument('--out', type=Path, metavar='JSON', help='write it as JSON too')
    _add_rules(parser.add_argument_group('how answers are ranked and scored'))
    _add_analyses(parser.add_argument_group('what else to compute'))
    parser.add_argument(
        '--debug', action='store_true', help='show the traceback of every error'
    )
    return parser


def _add_rules(group: argparse._ArgumentGroup) -> None:
    """Declare the arguments of the metric."""
    group.add_argument('--distance', choices=['cosine', 'euclidean'], default='cosine')
    group.add_argument(
        '--rerank',
        nargs='*',
        type=number,
        metavar='VALUE',
        help='re-rank, with k1, k2 and lambda as far as they are given '
        '(default: 20 6 0.3)',
    )
    group.add_argument(
        '--rerank-squared',
        action='store_true',
        help='re-rank by squared Euclidean distances, as torchreid and layumi do, and '
        'not by plain ones',
    )
    group.add_argument(
        '--expand-queries',
        nargs='*',
        type=number,
        metavar='VALUE',
        help='average each query with its first answers, k and alpha as far as they '
        'are given (default: 10 0)',
    )
    group.add_argument(
        '--protocol',
        choices=['market', 'single-shot', 'cloth-changing', 'same-clothes'],
        default='market',
    )
    group.add_argument(
        '--average-precision', choices=['hits', 'trapezoid'], default='hits'
    )
    group.add_argument('--multi-query', choices=['mean', 'max'])
    group.add_argument(
        '--impostors', choices=['other-camera', 'both'], default='other-camera'
    )
    group.add_argument('--ranks', type=int, nargs='+', default=[1, 5, 10])


def _add_analyses(group: argparse._ArgumentGroup) -> None:
    """Declare what is computed beside the scores."""
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
        choices=['identification', 'verification'],
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


def main() -> None:
    """Load, evaluate, print."""
    parser = make_parser()
    args = parser.parse_args()
    if args.rerank is not None and args.expand_queries is not None:
        parser.error('--rerank and --expand-queries do not go together')
    if args.rerank_squared and args.rerank is None:
        parser.error('--rerank-squared goes with --rerank')
    if args.save_threshold and args.open_set is None:
        parser.error('--save-threshold takes its rate from --open-set RATE')
    if args.features is None and not args.map:
        parser.error('give a FILE of features, or its arrays with --map NAME=FILE')
    if len(dict(args.map)) < len(args.map):
        parser.error('--map takes every NAME once only')
    # The clone itself, for `mmreid` without installation and for `projects`.
    sys.path.insert(0, str(ROOT))
    from mmreid import engine
    from mmreid.apis.evaluate.analyses import Analyses, analyze_features
    from mmreid.apis.evaluate.evaluation_report import format_analysis
    from mmreid.apis.evaluate.open_set import RATES, choose_threshold
    from mmreid.apis.evaluate.resampling import Resampling
    from mmreid.evaluation.functional import (
        load_features,
        load_threshold,
        save_threshold,
    )
    from mmreid.evaluation.metrics.progress import StepProgress
    from mmreid.evaluation.rules import RankingRules
    from mmreid.files import errors_in, write_json

    engine.expand_home(vars(args))
    kinds = (OSError, ValueError, ImportError)
    with engine.short_errors(parser.exit, *kinds, debug=args.debug):
        how = Resampling(args.bootstrap, seed=args.seed, by_person=not args.by_query)
        analyses = Analyses(
            resampling=how if args.bootstrap else None,
            by_camera=args.by_camera,
            hardest=args.hardest,
            rates=RATES if args.open_set == [] else args.open_set,
            threshold=args.threshold and load_threshold(args.threshold),
        )
        features = load_features(
            args.features,
            num_query=args.num_query,
            files=dict(args.map),
            cameras=not args.no_cameras,
        )
        rules = RankingRules(
            distance=args.distance,
            ranks=args.ranks,
            rerank=rerank_options(args),
            protocol=args.protocol,
            average_precision=args.average_precision,
            multi_query=args.multi_query,
            impostors=args.impostors,
        )
        progress = StepProgress('re-ranking')
        with errors_in(args.features or args.map[0][1]):
            report = analyze_features(features, rules, analyses, progress)
        if args.save_threshold is not None:
            scores = report[f'reid/{args.task}']
            kept = choose_threshold(features, args.task, scores)
            save_threshold(args.save_threshold, kept)
        if args.out is not None:
            write_json(args.out, report)
    print(format_analysis(report))


def rerank_options(args: argparse.Namespace) -> dict[str, Any] | None:
    """Return what ``--rerank`` or ``--expand-queries`` ask for."""
    if args.rerank is not None:
        options = dict(zip(('k1', 'k2', 'lambda_value'), args.rerank, strict=False))
        return dict(options, squared=args.rerank_squared)
    if args.expand_queries is not None:
        options = dict(zip(('k', 'alpha'), args.expand_queries, strict=False))
        return dict(type='query-expansion', **options)
    return None


if __name__ == '__main__':
    main()
