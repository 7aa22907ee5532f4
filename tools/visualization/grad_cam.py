"""Draw where in a picture the answer of each branch of a network comes from."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog='Grad-CAM of the map that a branch pools. Answers: identity, the '
        'highest score over the training identities; vector, the length of the vector '
        'that retrieval compares, which needs no classifier.',
    )
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help="weights, or 'none' for untrained ones")
    parser.add_argument(
        'source',
        nargs='?',
        help='a picture or a folder of pictures (default: queries of the test set)',
    )
    parser.add_argument(
        '--out', help='.jpg or .png (default: grad_cam.jpg in the work-dir)'
    )
    parser.add_argument(
        '--branches', nargs='+', default=(), help='their names (default: all)'
    )
    parser.add_argument(
        '--answer',
        choices=('identity', 'vector'),
        default='identity',
        help='what is explained (default: identity)',
    )
    parser.add_argument(
        '--count', type=int, default=8, help='pictures at most (default: 8)'
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
        out = apis.draw_grad_cams(
            cfg,
            None if args.checkpoint == 'none' else args.checkpoint,
            args.out or Path(cfg.work_dir, 'grad_cam.jpg'),
            source=args.source,
            branches=args.branches,
            answer=args.answer,
            count=args.count,
        )
    print(out)


if __name__ == '__main__':
    main()
