"""Draw where in a picture the part vectors of a network come from."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog='Vectors: vector, those that retrieval compares; of RRID also part, '
        'part_relation (what a part takes from itself and the rest), rest, whole, '
        'contrasted and whole_relation.',
    )
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help="weights, or 'none' for untrained ones")
    parser.add_argument(
        'source',
        nargs='?',
        help='a picture or a folder of pictures (default: queries of the test set)',
    )
    parser.add_argument(
        '--out', help='.jpg or .png (default: part_activation.jpg in the work-dir)'
    )
    parser.add_argument(
        '--branch', help='its name (default: the one that compares the most parts)'
    )
    parser.add_argument(
        '--of',
        nargs='+',
        default=(),
        metavar='VECTOR',
        help='a row for each (default: part, part_relation and vector, or vector)',
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
        out = apis.draw_part_activations(
            cfg,
            None if args.checkpoint == 'none' else args.checkpoint,
            args.out or Path(cfg.work_dir, 'part_activation.jpg'),
            source=args.source,
            branch=args.branch,
            of=args.of,
            count=args.count,
        )
    print(out)


if __name__ == '__main__':
    main()
