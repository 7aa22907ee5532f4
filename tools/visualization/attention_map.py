"""Draw what reference points of a picture attend to, and their strongest relations."""

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
        epilog='For SONA, SIA and any other module with a relation_map. The point is '
        'green, the related ones are red; under a map stand its smallest and largest '
        'value times the number of positions.',
    )
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help="weights, or 'none' for untrained ones")
    parser.add_argument(
        'source',
        nargs='?',
        help='a picture or a folder of pictures (default: queries of the test set)',
    )
    parser.add_argument(
        '--out', help='.jpg or .png (default: attention_map.jpg in the work-dir)'
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
        '--top', type=int, default=10, help='related points to mark (default: 10)'
    )
    parser.add_argument(
        '--count', type=int, default=4, help='pictures at most (default: 4)'
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
        out = apis.draw_attention_maps(
            cfg,
            None if args.checkpoint == 'none' else args.checkpoint,
            args.out or Path(cfg.work_dir, 'attention_map.jpg'),
            source=args.source,
            points=args.points,
            top=args.top,
            count=args.count,
        )
    print(out)


if __name__ == '__main__':
    main()
