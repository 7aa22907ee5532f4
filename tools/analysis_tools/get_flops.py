"""Print a model's parameters and multiply-adds, part by part."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog='MACs: multiply-adds of convolutions, linear layers and matrix '
        'products, for one picture. thop-like: the same plus 2 operations per '
        'batch-norm element.',
    )
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--shape',
        type=int,
        nargs=2,
        metavar=('H', 'W'),
        help="picture size; by default the config's test pipeline tells",
    )
    parser.add_argument(
        '--training',
        action='store_true',
        help='count the training network, with all branches and the classifiers',
    )
    parser.add_argument(
        '--pooling',
        action='store_true',
        help='count average pooling too, a multiply-add an element',
    )
    parser.add_argument(
        '--cfg-options',
        action='extend',
        nargs='+',
        metavar='KEY=VALUE',
        help='change the config, e.g. model.head.num_classes=767',
    )
    parser.add_argument(
        '--debug', action='store_true', help='show the traceback of every error'
    )
    return parser


def main() -> None:
    """Count the config's model and print the table."""
    parser = make_parser()
    args = parser.parse_args()
    # The clone itself, for `mmreid` without installation and for `projects`.
    sys.path.insert(0, str(ROOT))
    from mmreid import engine
    from mmreid.apis.cost.complexity_report import count_config, format_table

    engine.expand_home(vars(args))
    with engine.short_errors(parser.exit, OSError, ValueError, debug=args.debug):
        cfg = engine.read_config(args.config, args.cfg_options)
        size = tuple(args.shape) if args.shape else None
        print(format_table(count_config(cfg, size, args.training, args.pooling)))


if __name__ == '__main__':
    main()
