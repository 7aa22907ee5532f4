"""Write a page that shows what models do: scores, curves, and every query's answers."""

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from mmreid.cli import flags
from mmreid.cli.analysis_tools.ranking_flags import (
    add_ranking,
    check_ranking,
    read_rules,
)
from mmreid.cli.command import command, short_errors

# Of mmreid.apis.report.results, which is not imported yet.
KINDS = ('grad-cam', 'attention', 'parts', 'fields')
EPILOG = """
RESULTS are features (.npz, .safetensors of mmreid test --out), of which everything is
shown, or scores (.json), one a model; several files, joined by commas or as a quoted
pattern, are runs of one model. All are of the same test set.
Folders of trainings (work_dirs/NAME) and of mmreid repeat are shown on a page of their
own: curves, and every seed and ablation with its scores. docs/how_to/report.md tells
more.
"""


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog=EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument('results', nargs='+', metavar='RESULTS')
    parser.add_argument('--names', nargs='+', default=(), help='of the models')
    _add_page(parser)
    add_ranking(parser)
    _add_numbers(parser)
    _add_looks(parser)
    flags.add_debug(parser)
    return parser


def _add_page(parser: ArgumentParser) -> None:
    """Declare where the page goes and what is on it."""
    parser.add_argument(
        '--out',
        type=Path,
        default=Path('report'),
        help='a folder, or one file that ends in .html (default: %(default)s)',
    )
    parser.add_argument(
        '--overwrite', action='store_true', help='replace an earlier page'
    )
    parser.add_argument(
        '--pictures',
        type=Path,
        metavar='DIR',
        help="where the pictures lie now, such as the data set's folder (default: "
        'where the features say)',
    )
    parser.add_argument('--no-thumbnails', action='store_true', help='show no pictures')
    flags.add_count(parser, '--topk', 20, 'answers of a query that count')


def _add_numbers(parser: ArgumentParser) -> None:
    """Declare how intervals are computed, and the threshold."""
    flags.add_count(parser, '--resamples', 10_000, 'of intervals')
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        '--threshold',
        type=Path,
        metavar='FILE',
        help='show this one, of mmreid threshold or mmreid evaluate',
    )
    group.add_argument(
        '--rate',
        type=float,
        metavar='SHARE',
        help='show that of this rate of false accepts of pairs (default: 0.01, unless '
        'the features tell a threshold)',
    )


def _add_looks(parser: ArgumentParser) -> None:
    """Declare what models look at."""
    group = parser.add_argument_group('what models look at')
    group.add_argument('--explain', nargs='+', choices=KINDS, default=())
    group.add_argument(
        '--models',
        nargs='+',
        default=(),
        metavar='MODEL',
        help='name, config or checkpoint of each of RESULTS, in their order',
    )
    group.add_argument(
        '--queries',
        nargs='+',
        default=['6'],
        metavar='QUERY',
        help='how many queries are looked at, half of them the worst, half those on '
        'which models differ most; or which, by the ends of their paths (default: 6)',
    )


@command
def main() -> None:
    """Gather, look, write."""
    parser = make_parser()
    args = parser.parse_args()
    check_ranking(parser, args)
    if bool(args.explain) != bool(args.models):
        parser.error('--explain needs --models, and the other way round')
    if args.models and len(args.models) != len(args.results):
        parser.error('--models must name as many models as there are RESULTS')
    from mmreid.errors import CheckpointError

    with short_errors(parser, args, OSError, ValueError, ImportError, CheckpointError):
        path = write(args)
    print(path / 'index.html' if path.is_dir() else path)


def write(args: Namespace) -> Path:
    """Write the page, of trainings or of results.

    Args:
        args (Namespace): The command line.

    Returns:
        Path: The folder or the file.
    """
    from mmreid.apis.evaluate.intervals import Resampling
    from mmreid.apis.report.training import gather_training, is_run
    from mmreid.report.bundles import check_place
    from mmreid.report.training import write_training

    check_place(args.out, args.overwrite)
    trainings = [word for word in args.results if is_run(word)]
    if not trainings:
        return _write_results(args)
    if len(trainings) < len(args.results):
        raise ValueError(
            f'Trainings are shown on a page of their own, got {trainings} beside files '
            'of results: give the folders alone.'
        )
    facts = gather_training(trainings, Resampling(args.resamples))
    return write_training(facts, args.out, overwrite=args.overwrite)


def _write_results(args: Namespace) -> Path:
    """Write the page of results."""
    from mmreid.apis.evaluate.intervals import Resampling
    from mmreid.apis.report.results import (
        Asked,
        Threshold,
        gather_results,
    )
    from mmreid.progress import ProgressBar
    from mmreid.report.results import write_results

    asked = Asked(
        rules=read_rules(args),
        resampling=Resampling(args.resamples),
        topk=args.topk,
        threshold=args.threshold and Threshold.of_file(args.threshold),
        rate=args.rate,
        pictures=args.pictures,
        names=args.names,
        progress=ProgressBar('re-ranking'),
    )
    tests = gather_results(args.results, asked)
    if args.explain:
        tests = _look(args, tests)
    return write_results(
        tests,
        args.out,
        overwrite=args.overwrite,
        thumbnails=not args.no_thumbnails,
        progress=ProgressBar('thumbnails'),
    )


def _look(args: Namespace, tests: list[Any]) -> list[Any]:
    """Add what models look at."""
    from mmreid.apis.report.results import Network, find_queries, look_at_queries
    from mmreid.progress import ProgressBar

    # Before networks are built.
    chosen = [find_queries(test, args.queries) for test in tests]
    names = [model.name for model in tests[0].models]
    found = [find_network(word) for word in args.models]
    built = [Network.build(*parts) for parts in found]
    networks = dict(zip(names, built, strict=True))
    progress = ProgressBar('looking')
    return [
        look_at_queries(test, networks, args.explain, queries, progress)
        for test, queries in zip(tests, chosen, strict=True)
    ]


def find_network(word: str) -> tuple[Any, Any]:
    """Find the config and the weights of a model.

    Args:
        word (str): Its name, config or checkpoint.

    Returns:
        tuple: Config and weights.
    """
    from mmreid import apis, engine

    apis.refuse_exported('looked into', word)
    named = apis.load_named(word, None, False, None, False)
    cfg = engine.read_config(named.config, [*named.options])
    return cfg, named.checkpoint and named.checkpoint.source
