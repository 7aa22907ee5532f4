"""Adapt a model to your own pictures, nobody having named a person on them."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from mmreid.cli import flags, words
from mmreid.cli.adaptation_answer import print_answer
from mmreid.cli.command import answering, command
from mmreid.cli.processes import early_signals

_EPILOG = r"""
examples:
  mmreid adapt MODEL pictures --clusters-only       # a first look, nothing is trained
  mmreid adapt MODEL pictures --camera-from folder --work-dir adapted
  mmreid adapt MODEL pictures --pattern 'c(?P<camera>\d)_(?P<time>\d+)' \
      --labelled queries.csv

MODEL is one that can be trained: no file of "mmreid export".
--work-dir then holds adapted.pth, which every command takes for MODEL, clusters.csv,
a table that a data set takes (and "mmreid check --table clusters.csv --cfg-options
split=train"), and report.html. The same command goes on where it was stopped. Status
0: done; 1: done, but the model became worse on the labelled queries; 2: not done, the
message says why; 75: stopped by a signal. docs/how_to/own_pictures_without_labels.md
tells more."""


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    flags.add_model(parser)
    parser.add_argument(
        'folder',
        nargs='?',
        metavar='FOLDER',
        help='the pictures, also in folders below it (default: the folder of --table)',
    )
    parser.add_argument(
        '--work-dir', type=Path, help='where to write (default: work_dirs/adapt)'
    )
    parser.add_argument(
        '--clusters-only',
        action='store_true',
        help='cluster the pictures by the model as it is, and show that: the cheap '
        'first look',
    )
    parser.add_argument(
        '--labelled',
        metavar='DATA',
        help='measure before and after on this labelled test set: a config, a table, '
        'or a folder as of Market-1501',
    )
    _add_pictures(parser)
    _add_clustering(parser)
    _add_training(parser)
    flags.add_verbose(parser)
    parser.add_argument(
        '--device',
        default='auto',
        help='such as cpu, cuda or cuda:1 (default: cuda where there is one)',
    )
    flags.add_count(parser, '--batch-size', 64, 'pictures embedded at once')
    flags.add_json(parser)
    flags.add_debug(parser)
    return parser


def _add_pictures(parser: ArgumentParser) -> None:
    """Declare what is told of the pictures."""
    group = parser.add_argument_group('what is known of the pictures')
    told = group.add_mutually_exclusive_group()
    told.add_argument(
        '--pattern',
        help='what file names tell: a regular expression with groups camera, tracklet, '
        'time or frame; with a / in it, of the path below FOLDER',
    )
    told.add_argument(
        '--table',
        metavar='TABLE',
        help='CSV or JSON with the column path and perhaps camera, tracklet, time or '
        'frame; its pictures are taken',
    )
    group.add_argument(
        '--camera-from',
        choices=('folder',),
        help='the first folder below FOLDER is the camera',
    )
    group.add_argument(
        '--no-links',
        action='store_true',
        help='do not take pictures of one tracklet for one person, and two tracklets '
        'of one camera at one time for two',
    )
    group.add_argument(
        '--no-camera-normalization',
        action='store_true',
        help='cluster vectors as they are, not standardised within each camera',
    )


def _add_clustering(parser: ArgumentParser) -> None:
    """Declare how pictures are clustered."""
    group = parser.add_argument_group('clusters')
    group.add_argument(
        '--method',
        default='dbscan',
        help='dbscan, or infomap, which "pip install infomap" brings '
        '(default: %(default)s)',
    )
    group.add_argument(
        '--eps',
        type=float,
        default=0.6,
        help='largest distance of near pictures, 0 to 1: smaller, and there are more '
        'and purer clusters (default: %(default)s)',
    )
    near = 'pictures that must be near to make a cluster'
    flags.add_count(group, '--min-samples', 4, near)
    for name, text in (
        (
            '--k1',
            'length of the lists of neighbours (default: 8 to 30 by the pictures)',
        ),
        ('--k2', 'neighbours whose lists are averaged (default: a fifth of k1)'),
    ):
        group.add_argument(name, type=words.positive, metavar='N', help=text)


def _add_training(parser: ArgumentParser) -> None:
    """Declare how long and on how much it trains."""
    group = parser.add_argument_group('training')
    flags.add_count(group, '--epochs', 20, 'clusterings with a training after each')
    for name, text in (
        (
            '--batches',
            'batches after each (default: each picture about once, 20 to 400)',
        ),
        ('--persons', 'clusters in a batch (default: 16, or as many as fit)'),
        ('--instances', 'pictures of each (default: 4, from 5,000 pictures on 16)'),
    ):
        group.add_argument(name, type=words.positive, metavar='N', help=text)
    group.add_argument(
        '--lr',
        type=float,
        help="learning rate at the start (default: a tenth of the config's)",
    )
    group.add_argument(
        '--workers',
        type=int,
        metavar='N',
        help='processes that read pictures (default: as many as processors, 4 at most)',
    )
    group.add_argument('--seed', type=int, default=0, help='(default: %(default)s)')


@command
def main() -> None:
    """Adapt."""
    parser = make_parser()
    args = parser.parse_args()
    early_signals.listen(several=False)
    if args.folder is None and args.table is None:
        parser.error('give FOLDER or --table')
    with answering(parser, args, MemoryError, ArithmeticError):
        from mmreid import engine
        from mmreid.apis.adaptation import adapt_model
        from mmreid.progress import ProgressBar

        try:
            adapted = adapt_model(
                args.model,
                args.folder,
                args.work_dir or Path('work_dirs', 'adapt'),
                _options(args),
                checkpoint=args.checkpoint,
                weights_file=args.weights_file,
                accept_licence=args.accept_licence,
                verbose=args.verbose,
                tell=lambda sentence: print(sentence, file=sys.stderr),
                progress=ProgressBar,
            )
        except engine.TrainingStoppedError as stopped:
            print(f'{stopped} The same command goes on.', file=sys.stderr)
            sys.exit(early_signals.stopped_status())
        early_signals.unlisten()
    print_answer(adapted, args.json)
    measured = adapted.facts.measured
    if measured is not None and measured.is_worse:
        sys.exit(1)


def _options(args: Namespace) -> Any:
    """Make options of the command line."""
    from mmreid.apis.adaptation import AdaptOptions, Clustering

    clustering = Clustering(
        method=args.method,
        eps=args.eps,
        min_samples=args.min_samples,
        k1=args.k1,
        k2=args.k2,
        links=not args.no_links,
        normalize_cameras=not args.no_camera_normalization,
    )
    names = (
        *('epochs', 'batches', 'persons', 'instances', 'lr', 'pattern', 'table'),
        *('camera_from', 'labelled', 'clusters_only', 'device', 'batch_size'),
        *('workers', 'seed'),
    )
    told = {name: getattr(args, name) for name in names}
    return AdaptOptions(clustering=clustering, **told)
