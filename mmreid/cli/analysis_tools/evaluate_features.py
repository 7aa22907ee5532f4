"""Evaluate a features file, of whatever program, without building a model."""

from argparse import ArgumentParser, Namespace, _ArgumentGroup
from typing import TYPE_CHECKING, Any

from mmreid.cli import flags, words
from mmreid.cli.analysis_tools.analysis_flags import (
    add_analyses,
    keep_threshold,
    read_analyses,
)
from mmreid.cli.analysis_tools.ranking_flags import DISTANCES, add_boosters
from mmreid.cli.command import command, short_errors

if TYPE_CHECKING:
    from mmreid.evaluation.functional import RankingRules

EPILOG = """
The file: .npz or .safetensors of tools/test.py --out; or the arrays of another program
in .npz, .safetensors, .mat, .h5, .pt, .csv or .parquet: features, pids, camids (queries
first, see --num-query), or query and gallery apart: qf, gf, q_pids, g_pids, q_camids,
g_camids.
"""
# Of mmreid.evaluation, which is not imported yet.
AVERAGE_PRECISIONS = ('hits', 'trapezoid')
MULTI_QUERIES = ('mean', 'max')
IMPOSTORS = ('other-camera', 'both')
TRACKLETS = ('mean', 'unit-mean', 'ignore')


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG)
    parser.add_argument('features', nargs='?', metavar='FILE')
    parser.add_argument(
        '--map',
        type=words.named_file,
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
    flags.add_out(parser)
    _add_rules(parser.add_argument_group('how answers are ranked and scored'))
    add_analyses(parser.add_argument_group('what else to compute'))
    flags.add_debug(parser)
    return parser


def _add_rules(group: _ArgumentGroup) -> None:
    """Declare the arguments of the metric."""
    group.add_argument('--distance', choices=DISTANCES, default='cosine')
    group.add_argument(
        '--rerank',
        nargs='*',
        type=words.number,
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
        type=words.number,
        metavar='VALUE',
        help='average each query with its first answers, k and alpha as far as they '
        'are given (default: 10 0)',
    )
    add_boosters(group)
    group.add_argument('--protocol', choices=flags.PROTOCOLS, default='market')
    group.add_argument(
        '--average-precision', choices=AVERAGE_PRECISIONS, default='hits'
    )
    group.add_argument('--multi-query', choices=MULTI_QUERIES)
    group.add_argument('--impostors', choices=IMPOSTORS, default='other-camera')
    group.add_argument(
        '--tracklets',
        choices=TRACKLETS,
        default='mean',
        help='what becomes of frames of one tracklet, where the file tells '
        '(default: %(default)s)',
    )
    group.add_argument('--ranks', type=int, nargs='+', default=[1, 5, 10])


@command
def main() -> None:
    """Load, evaluate, print."""
    parser = make_parser()
    args = parser.parse_args()
    if fault := find_fault(args):
        parser.error(fault)
    from mmreid.apis import analyze_features
    from mmreid.apis.evaluate.analyses import format_analysis
    from mmreid.evaluation.functional import load_features
    from mmreid.files import errors_in, write_json
    from mmreid.progress import ProgressBar

    with short_errors(parser, args, OSError, ValueError, ImportError):
        analyses = read_analyses(args)
        features = load_features(
            args.features,
            num_query=args.num_query,
            files=dict(args.map),
            cameras=not args.no_cameras,
        )
        rules = read_rules(args)
        progress = ProgressBar('re-ranking') if rules.rerank else None
        with errors_in(args.features or args.map[0][1]):
            report = analyze_features(features, rules, analyses, progress)
        if args.save_threshold is not None:
            keep_threshold(args, features, report)
        if args.out is not None:
            write_json(args.out, report)
    print(format_analysis(report))


def find_fault(args: Namespace) -> str:
    """Say which arguments do not go together, '' where all do."""
    if args.rerank is not None and args.expand_queries is not None:
        return '--rerank and --expand-queries do not go together'
    if args.rerank_squared and args.rerank is None:
        return '--rerank-squared goes with --rerank'
    if args.save_threshold and args.open_set is None:
        return '--save-threshold takes its rate from --open-set RATE'
    if args.features is None and not args.map:
        return 'give a FILE of features, or its arrays with --map NAME=FILE'
    if len(dict(args.map)) < len(args.map):
        return '--map takes every NAME once only'
    return ''


def read_rules(args: Namespace) -> 'RankingRules':
    """Return how answers are to be ranked."""
    from mmreid.evaluation.functional import RankingRules

    rerank: dict[str, Any] | None = None
    if args.rerank is not None:
        rerank = dict(zip(('k1', 'k2', 'lambda_value'), args.rerank, strict=False))
        rerank['squared'] = args.rerank_squared
    elif args.expand_queries is not None:
        options = dict(zip(('k', 'alpha'), args.expand_queries, strict=False))
        rerank = dict(type='query-expansion', **options)
    return RankingRules(
        distance=args.distance,
        ranks=args.ranks,
        rerank=rerank,
        protocol=args.protocol,
        average_precision=args.average_precision,
        multi_query=args.multi_query,
        impostors=args.impostors,
        tracklets=args.tracklets,
        neighbour_centralisation=args.neighbour_centralisation,
        time_prior=args.time_prior,
    )
