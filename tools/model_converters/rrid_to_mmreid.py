"""Turn a checkpoint of RRID's authors, a whole pickled module too, into one of ours."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog='Nothing in the file is run: its tensors are read, and whatever else '
        'it asks for is refused and named.',
    )
    parser.add_argument('source', help='the file to convert')
    parser.add_argument('target', help='the checkpoint to write')
    parser.add_argument(
        '--cfg-options',
        action='extend',
        nargs='+',
        default=[],
        metavar='KEY=VALUE',
        help='change the config that the weights are for, if widths differ',
    )
    parser.add_argument(
        '--debug', action='store_true', help='show the traceback of every error'
    )
    return parser


def main() -> None:
    """Convert."""
    parser = make_parser()
    args = parser.parse_args()
    # The clone itself, for `mmreid` without installation and for `projects`.
    sys.path.insert(0, str(ROOT))
    from mmreid import engine
    from mmreid.apis import convert_checkpoint

    engine.expand_home(vars(args))
    kinds = (OSError, ValueError, engine.CheckpointError)
    with engine.short_errors(parser.exit, *kinds, debug=args.debug):
        print(convert_checkpoint('rrid', args.source, args.target, args.cfg_options))


if __name__ == '__main__':
    main()
