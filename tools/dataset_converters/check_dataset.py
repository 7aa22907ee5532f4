"""Check whether data sets are whole and consistent."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Those of mmreid.datasets.checking, which is not imported yet.
PROTOCOLS = ('market', 'single-shot', 'cloth-changing', 'same-clothes')
EXAMPLES = r"""
examples:
  check_dataset.py configs/bot/bot_r50_market.py
  check_dataset.py --type Market1501 --data-root data/market1501
  check_dataset.py --data-root my_pictures --pattern '(?P<person>\d+)_(?P<camera>.*)'
  check_dataset.py --table my_pictures/list.csv
"""


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES + '\nThe status is 0 without faults, 1 with, 2 if it could not '
        'be found out.\n--explain tells what is a fault and what only a note.',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'config', nargs='?', help='check all data sets of a config file'
    )
    parser.add_argument('--type', help='a data set, or your own (default: ReIDDataset)')
    parser.add_argument('--data-root', help='its folder')
    parser.add_argument('--pattern', help='how to read the names of your own pictures')
    parser.add_argument('--table', help='CSV or JSON file with your own pictures')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action='extend',
        default=[],
        metavar='KEY=VALUE',
        help='change the config, or set further arguments of the data set: '
        'boxes=detected, split_index=3, split=train, folders.query=probe',
    )
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
    parser.add_argument(
        '--debug', action='store_true', help='show the traceback of every error'
    )
    return parser


def explain() -> None:
    """List what is a fault and what a note."""
    from mmreid.datasets.checking import FAULTS, NOTES

    for title, kinds in (('Faults', FAULTS), ('Notes', NOTES)):
        print(f'{title}:')
        for kind, text in kinds.items():
            print(f'  {kind}: {text}')


def main() -> None:
    """Check and print."""
    parser = make_parser()
    args = parser.parse_args()
    # The clone itself, for `mmreid` without installation.
    sys.path.insert(0, str(ROOT))
    if args.explain:
        explain()
        return
    settings = {k: getattr(args, k) for k in ('type', 'data_root', 'pattern', 'table')}
    settings = {key: value for key, value in settings.items() if value}
    if bool(args.config) == bool(settings):
        parser.error('give either a config, or --type, --data-root, --pattern, --table')
    from mmengine.config import Config

    from mmreid.datasets import checking
    from mmreid.engine import expand_home, read_config, short_errors
    from mmreid.engine.options import apply_options
    from mmreid.files import whole_file

    expand_home(settings)
    expand_home(vars(args))
    kinds = (ValueError, TypeError, OSError)
    with short_errors(parser.exit, *kinds, debug=args.debug):
        if args.config:
            cfg = read_config(args.config, args.cfg_options)
            groups = checking.find_datasets(cfg)
            protocol = args.protocol or checking.find_protocol(cfg)
        else:
            cfg = Config({'type': 'ReIDDataset', **settings})
            apply_options(cfg, args.cfg_options)
            groups = [checking.find_splits(cfg.to_dict())]
            protocol = args.protocol or 'market'
        report = checking.check_datasets(
            groups, protocol, not args.fast, args.partial, make_bar()
        )
        if args.json:
            text = json.dumps(report.to_dict(), indent=2, ensure_ascii=False)
            with whole_file(args.json) as unfinished:
                unfinished.write_text(text + '\n', encoding='utf-8')
    print(report)
    sys.exit(1 if report.faults else 0)


def make_bar() -> Callable[[int, int], None]:
    """Return what draws the progress."""
    from mmengine.utils import ProgressBar

    bars: list[ProgressBar] = []

    def advance(done: int, total: int) -> None:
        if not sys.stderr.isatty():
            return
        if not bars:
            bars.append(ProgressBar(total, file=sys.stderr))
        if done % max(1, total // 100) == 0 or done == total:
            bars[0].update(done - bars[0].completed)
            print(end='\n' if done == total else '', file=sys.stderr)

    return advance


if __name__ == '__main__':
    main()
