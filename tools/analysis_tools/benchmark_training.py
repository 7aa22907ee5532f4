"""Measure how fast a config trains, and what the framework costs."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog='Blocks of steps alternate in one process: training on what the data '
        'loader gives, training on batches in memory, and a plain torch loop with the '
        'same network, losses, optimizer and batches. Medians are printed. On the CPU '
        'the loops are compared by the time that cores worked for this process.',
    )
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--steps', type=int, default=10, help='of a block (default: %(default)s)'
    )
    parser.add_argument(
        '--repeat', type=int, default=10, help='blocks of a kind (default: %(default)s)'
    )
    parser.add_argument(
        '--synthetic',
        action='store_true',
        help="train on noise of the config's size, where its data is not at hand",
    )
    parser.add_argument('--amp', action='store_true', help='mixed precision')
    parser.add_argument(
        '--cfg-options',
        action='extend',
        nargs='+',
        metavar='KEY=VALUE',
        help='change the config, e.g. compile=True train_dataloader.num_workers=8',
    )
    parser.add_argument(
        '--debug', action='store_true', help='show the traceback of every error'
    )
    return parser


def main() -> None:
    """Measure and print."""
    parser = make_parser()
    args = parser.parse_args()
    # The clone itself, for `mmreid` without installation and for `projects`.
    sys.path.insert(0, str(ROOT))
    from mmreid import engine
    from mmreid.apis.cost.training_speed import describe_speed, measure_training

    engine.expand_home(vars(args))
    with engine.short_errors(parser.exit, OSError, ValueError, debug=args.debug):
        cfg = engine.read_config(args.config, args.cfg_options)
        if args.amp:
            engine.use_autocast(cfg)
        speed = measure_training(cfg, args.steps, args.repeat, args.synthetic)
    print(f'{args.config}, {speed.images // speed.steps} pictures a step')
    print(describe_speed(speed))


if __name__ == '__main__':
    main()
