"""Draw where the interaction-and-aggregation blocks of a network look in a picture."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def point(text: str) -> tuple[float, float]:
    """Read ``X,Y``."""
    try:
        x, y = map(float, text.split(','))
    except ValueError:
        message = f'{text!r} is not X,Y, as in 40,100'
        raise argparse.ArgumentTypeError(message) from None
    return x, y


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog='Relation maps: S, which the block uses; SA and SL, appearance and '
        'location alone; K1, K2, ..., appearance by patches of that size alone.',
    )
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help="weights, or 'none' for untrained ones")
    parser.add_argument('image', help='picture of a person')
    parser.add_argument(
        '--out', help='.jpg or .png (default: receptive_field.jpg in the work-dir)'
    )
    parser.add_argument(
        '--points',
        type=point,
        nargs='+',
        default=(),
        metavar='X,Y',
        help='pixels of the picture (default: five, where the map answers most)',
    )
    parser.add_argument(
        '--channels',
        type=int,
        nargs='+',
        default=(),
        help="of the blocks' maps, from 0 (default: the three that vary most)",
    )
    parser.add_argument(
        '--maps', nargs='+', default=('S',), help='relation maps (default: S)'
    )
    parser.add_argument(
        '--threshold',
        type=float,
        default=0.5,
        help='what of a field is valid, from 0 to 1 (default: 0.5)',
    )
    parser.add_argument(
        '--cfg-options',
        action='extend',
        nargs='+',
        metavar='KEY=VALUE',
        help='change the config',
    )
    parser.add_argument(
        '--debug', action='store_true', help='show the traceback of every error'
    )
    return parser


def main() -> None:
    """Draw."""
    parser = make_parser()
    args = parser.parse_args()
    # The clone itself, for `mmreid` without installation and for `projects`.
    sys.path.insert(0, str(ROOT))
    from mmreid import apis, engine

    engine.expand_home(vars(args))
    kinds = (OSError, ValueError, engine.CheckpointError)
    with engine.short_errors(parser.exit, *kinds, debug=args.debug):
        cfg = engine.read_config(args.config, args.cfg_options)
        out = apis.draw_receptive_fields(
            cfg,
            None if args.checkpoint == 'none' else args.checkpoint,
            args.image,
            args.out or Path(cfg.work_dir, 'receptive_field.jpg'),
            points=args.points,
            channels=args.channels,
            kinds=args.maps,
            threshold=args.threshold,
        )
    print(out)


if __name__ == '__main__':
    main()
