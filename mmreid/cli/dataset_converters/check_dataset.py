"""Check whether data sets are whole and consistent."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmreid.cli import flags
from mmreid.cli.command import answer, command, short_errors
from mmreid.errors import CheckpointError

EPILOG = r"""
examples:
  mmreid check configs/bot/bot_r50_market.py
  mmreid check --type Market1501 --data-root data/market1501
  mmreid check --data-root my_pictures --pattern '(?P<person>\d+)_(?P<camera>.*)'
  mmreid check --table my_pictures/list.csv
  mmreid check --type Market1501 --data-root data/market1501 \
      --model MODEL --report page --suspects suspects.csv

The status is 0 without faults, 1 with, 2 if it could not be found out.
--explain tells what is a fault and what only a note."""


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog=EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    _add_data(parser)
    parser.add_argument(
        '--partial', action='store_true', help='accept other counts than published'
    )
    parser.add_argument(
        '--protocol',
        choices=flags.PROTOCOLS,
        help='rule of ranking (default: that of CONFIG, or market)',
    )
    parser.add_argument(
        '--fast', action='store_true', help='read the pictures, but do not decode them'
    )
    parser.add_argument(
        '--json',
        type=Path,
        metavar='FILE',
        help='write all findings; to standard output for -, alone',
    )
    parser.add_argument(
        '--explain', action='store_true', help='list the kinds of findings, and exit'
    )
    _add_outputs(parser)
    flags.add_debug(parser)
    return parser


def _add_outputs(parser: ArgumentParser) -> None:
    """Declare the page, the table of suspects, and where vectors come from."""
    group = parser.add_argument_group(
        'look at it', 'near duplicates, bad pictures, and suspects of wrong labels'
    )
    group.add_argument(
        '--report',
        type=Path,
        metavar='DIR',
        help='write a page, as a folder or a file that ends in .html: what the data '
        'hold, near duplicates, pictures that stand out and, with --model or '
        '--features, suspects to correct',
    )
    group.add_argument(
        '--suspects',
        type=Path,
        metavar='FILE.csv',
        help='write suspects of wrong labels; with its column correction filled in it '
        "is the data set's argument corrections (--cfg-options corrections=FILE.csv)",
    )
    vectors = group.add_mutually_exclusive_group()
    vectors.add_argument(
        '--model',
        help='embed the pictures with this model, as of mmreid embed, best one that '
        'was not trained on them',
    )
    vectors.add_argument(
        '--features',
        type=Path,
        metavar='FILE',
        help='take their vectors from a file of mmreid embed or mmreid test --out',
    )
    group.add_argument(
        '--overwrite', action='store_true', help='replace an earlier page or table'
    )


def _add_data(parser: ArgumentParser) -> None:
    """Declare which data are checked."""
    parser.add_argument(
        'config', nargs='?', help='check all data sets of a config file'
    )
    parser.add_argument('--type', help='a data set, or your own (default: ReIDDataset)')
    parser.add_argument('--data-root', help='its folder')
    parser.add_argument('--pattern', help='how to read the names of your own pictures')
    parser.add_argument('--table', help='CSV or JSON file with your own pictures')
    flags.add_cfg_options(
        parser,
        'change the config, or set further arguments of the data set: '
        'boxes=detected, split_index=3, split=train, folders.query=probe',
    )


@command
def main() -> None:
    """Check and print."""
    parser = make_parser()
    args = parser.parse_args()
    if args.explain:
        explain()
        return
    if bool(args.config) == bool(_settings(args)):
        parser.error('give either a config, or --type, --data-root, --pattern, --table')
    looks = args.suspects or args.report
    if looks and args.fast:
        parser.error('--report and --suspects look at pictures: leave out --fast')
    if (args.model or args.features) and not looks:
        parser.error('--model and --features need --report or --suspects')
    from mmreid.files import write_json

    with short_errors(parser, args, ValueError, TypeError, OSError, CheckpointError):
        report, suspects = _check(args)
        is_alone = args.json == Path('-')
        if args.json and not is_alone:
            write_json(args.json, report.to_dict())
    if is_alone:
        answer(report.to_dict())
    else:
        print(report)
        if suspects:
            print(suspects)
    sys.exit(1 if report.faults else 0)


def _check(args: Namespace) -> tuple[Any, str]:
    """Check, write what is asked for, and say how many labels may be wrong."""
    from mmreid.datasets import checking
    from mmreid.progress import ProgressBar

    groups, protocol = find_data(args)
    look = _prepare(args, groups)
    report = checking.check_datasets(
        groups,
        protocol,
        not args.fast,
        args.partial,
        ProgressBar('pictures'),
        # A config says what it tests on.
        only_training=not args.config,
        measure=look is not None,
    )
    return report, look(report) if look is not None else ''


def _prepare(args: Namespace, groups: Any) -> Callable[[Any], str] | None:
    """Refuse what cannot be written or loaded, before pictures are read."""
    if not args.suspects and not args.report:
        return None
    from mmreid import apis
    from mmreid.apis.report import data_set
    from mmreid.progress import ProgressBar

    outputs = data_set.Outputs(args.suspects, args.overwrite, args.report)
    outputs.check(groups, bool(args.model or args.features))
    inferencer = apis.ReIDInferencer(args.model) if args.model else None

    def look(report: Any) -> str:
        """Write the page and the table."""
        facts = data_set.show_data_set(
            report, outputs, inferencer, args.features, ProgressBar
        )
        return data_set.describe_suspects(facts)

    return look


def find_data(args: Namespace) -> tuple[Any, str]:
    """Find the data sets that are asked for, and the rule of ranking.

    Args:
        args (Namespace): The command line.

    Returns:
        tuple[Any, str]: What ``check_datasets`` takes.
    """
    from mmengine.config import Config

    from mmreid.apis import config_path
    from mmreid.datasets import checking
    from mmreid.engine import read_config
    from mmreid.engine.config_files import apply_options

    if args.config:
        cfg = read_config(config_path(args.config), args.cfg_options)
        return checking.find_datasets(cfg), args.protocol or checking.find_protocol(cfg)
    cfg = Config({'type': 'ReIDDataset', **_settings(args)})
    apply_options(cfg, args.cfg_options)
    return [checking.find_splits(cfg.to_dict())], args.protocol or 'market'


def _settings(args: Namespace) -> dict[str, str]:
    """Return what the command line itself says of a data set."""
    names = ('type', 'data_root', 'pattern', 'table')
    return {name: value for name in names if (value := getattr(args, name))}


def explain() -> None:
    """List what is a fault and what a note."""
    from mmreid.datasets.checking import FAULTS, NOTES

    for title, kinds in (('Faults', FAULTS), ('Notes', NOTES)):
        print(f'{title}:')
        for kind, text in kinds.items():
            print(f'  {kind}: {text}')
