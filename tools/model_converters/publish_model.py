"""Write a checkpoint's weights to a file for others, with what they are."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog='Left out: optimizer, schedulers, log and random states. Kept: the '
        "config's text, the training's epoch, seed and data. Moving averages (EMAHook) "
        "are taken where there are any. The first digits of the file's SHA-256 become "
        'part of its name, which is printed.',
    )
    parser.add_argument('checkpoint', help='what training has saved')
    parser.add_argument('out', help='NAME.pth or NAME.safetensors')
    parser.add_argument(
        '--results',
        metavar='JSON',
        help='store the metrics and protocol that tools/test.py --out has written',
    )
    parser.add_argument(
        '--debug', action='store_true', help='show the traceback of every error'
    )
    return parser


def main() -> None:
    """Publish."""
    parser = make_parser()
    args = parser.parse_args()
    # The clone itself, for `mmreid` without installation and for `projects`.
    sys.path.insert(0, str(ROOT))
    from mmreid import engine
    from mmreid.apis import publish_checkpoint

    engine.expand_home(vars(args))
    kinds = (OSError, ValueError, engine.CheckpointError)
    with engine.short_errors(parser.exit, *kinds, debug=args.debug):
        print(publish_checkpoint(args.checkpoint, args.out, args.results).explain())


if __name__ == '__main__':
    main()
