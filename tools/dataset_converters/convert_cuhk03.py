"""Write CUHK03's pictures and the tables of its splits from the published files.

It may be stopped and run again: it goes on where it was.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Those of mmreid.datasets.conversion, which is not imported yet.
BOXES = ('labeled', 'detected')
PROTOCOLS = ('new', 'classic')


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('release', help='cuhk-03.mat, or the folder that holds it')
    parser.add_argument('out', nargs='?', default='data/cuhk03', help='%(default)s')
    parser.add_argument('--boxes', nargs='+', choices=BOXES, default=BOXES)
    parser.add_argument('--protocols', nargs='+', choices=PROTOCOLS, default=PROTOCOLS)
    parser.add_argument(
        '--configs',
        metavar='FOLDER',
        help='with cuhk03_new_protocol_config_{labeled,detected}.mat (default: beside '
        'cuhk-03.mat, one folder above it, or OUT)',
    )
    parser.add_argument(
        '--no-check',
        action='store_true',
        help='accept other numbers than the published ones, of an excerpt',
    )
    parser.add_argument(
        '--debug', action='store_true', help='show the traceback of every error'
    )
    return parser


def main() -> None:
    """Convert and say what there is."""
    parser = make_parser()
    args = parser.parse_args()
    # The clone itself, for `mmreid` without installation.
    sys.path.insert(0, str(ROOT))
    from mmengine.utils import ProgressBar

    from mmreid.datasets.conversion import convert_cuhk03
    from mmreid.engine import expand_home, short_errors

    expand_home(vars(args))
    bars: dict[str, ProgressBar] = {}

    def advance(boxes: str, done: int, total: int) -> None:
        if boxes not in bars:
            print(f'{boxes} boxes', flush=True)
            bars[boxes] = ProgressBar(total, start=sys.stdout.isatty())
        if not sys.stdout.isatty():
            return
        if done % max(1, total // 100) == 0 or done == total:
            bars[boxes].update(done - bars[boxes].completed)
            print(end='\n' if done == total else '', flush=True)

    kinds = (ValueError, OSError, ModuleNotFoundError)
    with short_errors(parser.exit, *kinds, debug=args.debug):
        converted = convert_cuhk03(
            args.release,
            args.out,
            args.boxes,
            args.protocols,
            args.configs,
            not args.no_check,
            advance,
        )
    if not bars:
        print('All of it was there already: nothing to do.')
    for boxes, found in converted.items():
        print(
            f'{args.out}: {boxes} boxes, {found["images"]:,} images of '
            f'{found["ids"]:,} identities, {" and ".join(found["protocols"])} protocol'
        )


if __name__ == '__main__':
    main()
