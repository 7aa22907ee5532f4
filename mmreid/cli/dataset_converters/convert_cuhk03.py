"""Write CUHK03's pictures and the tables of its splits from the published files.

It may be stopped and run again: it goes on where it was.
"""

from argparse import ArgumentParser

from mmreid.cli import flags
from mmreid.cli.command import command, short_errors

# Those of mmreid.datasets.conversion, which is not imported yet.
BOXES = ('labeled', 'detected')
PROTOCOLS = ('new', 'classic')


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__)
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
    flags.add_debug(parser)
    return parser


@command
def main() -> None:
    """Convert and say what there is."""
    parser = make_parser()
    args = parser.parse_args()
    from mmreid.datasets.conversion import convert_cuhk03
    from mmreid.progress import ProgressBar

    bars: dict[str, ProgressBar] = {}

    def advance(boxes: str, done: int, total: int) -> None:
        if boxes not in bars:
            print(f'{boxes} boxes', flush=True)
            bars[boxes] = ProgressBar(boxes)
        bars[boxes](done, total)

    with short_errors(parser, args, ValueError, OSError, ModuleNotFoundError):
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
    for boxes, written in converted.items():
        print(
            f'{args.out}: {boxes} boxes, {written["images"]:,} images of '
            f'{written["ids"]:,} identities, {" and ".join(written["protocols"])} '
            'protocol'
        )
