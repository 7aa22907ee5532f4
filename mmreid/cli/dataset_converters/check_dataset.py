"""Check whether data sets are whole and consistent."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from mmreid.cli import flags
from mmreid.cli.command import command, short_errors

# Those of mmreid.datasets.checking, which is not imported yet.
PROTOCOLS = ('market', 'single-shot', 'cloth-changing', 'same-clothes')
EPILOG = r"""
examples:
  check_dataset.py configs/bot/bot_r50_market.py
  check_dataset.py --type Market1501 --data-root data/market1501
  check_dataset.py --data-root my_pictures --pattern '(?P<person>\d+)_(?P<camera>.*)'
  check_dataset.py --table my_pictures/list.csv

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
        choices=PROTOCOLS,
        help='rule of ranking (default: that of CONFIG, or market)',
    )
    parser.add_argument(
        '--fast', action='store_true', help='read the pictures, but do not decode them'
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write all findings')
    parser.add_argument(
        '--explain', action='store_true', help='list the kinds of findings, and exit'
    )
    flags.add_debug(parser)
    return parser


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
    settings = {k: getattr(args, k) for k in ('type', 'data_root', 'pattern', 'table')}
    if bool(args.config) == any(settings.values()):
        parser.error('give either a config, or --type, --data-root, --pattern, --table')
    from mmreid.datasets import checking
    from mmreid.files import write_json
    from mmreid.progress import ProgressBar

    with short_errors(parser, args, ValueError, TypeError, OSError):
        groups, protocol = find_data(args)
        report = checking.check_datasets(
            groups, protocol, not args.fast, args.partial, ProgressBar('pictures')
        )
        if args.json:
            write_json(args.json, report.to_dict())
    print(report)
    sys.exit(1 if report.faults else 0)


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
    settings = {k: getattr(args, k) for k in ('type', 'data_root', 'pattern', 'table')}
    settings = {key: value for key, value in settings.items() if value}
    cfg = Config({'type': 'ReIDDataset', **settings})
    apply_options(cfg, args.cfg_options)
    return [checking.find_splits(cfg.to_dict())], args.protocol or 'market'


def explain() -> None:
    """List what is a fault and what a note."""
    from mmreid.datasets.checking import FAULTS, NOTES

    for title, kinds in (('Faults', FAULTS), ('Notes', NOTES)):
        print(f'{title}:')
        for kind, text in kinds.items():
            print(f'  {kind}: {text}')
