"""Render the procedural pedestrian data set SynthReID in Market-1501's layout."""

from argparse import ArgumentParser
from pathlib import Path

from mmreid.cli import flags
from mmreid.cli.command import command, short_errors

# Those of mmreid.datasets.synthetic, which is not imported yet.
SIZES = ('market', 'mini')


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument('out', help='folder to write the data set to')
    parser.add_argument('--size', choices=SIZES, default='mini')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--workers', type=int, help='processes (default: all)')
    parser.add_argument(
        '--contact-sheet', type=Path, metavar='FILE', help='also draw an overview'
    )
    flags.add_debug(parser)
    return parser


@command
def main() -> None:
    """Render the data set and say what it holds."""
    parser = make_parser()
    args = parser.parse_args()
    from mmreid.datasets.synthetic import contact_sheet, render_synthreid
    from mmreid.progress import ProgressBar
    from mmreid.visualization import write_picture

    with short_errors(parser, args, OSError, ValueError):
        advance = ProgressBar('pictures')
        manifest = render_synthreid(
            args.out, args.size, args.seed, args.workers, advance
        )
        if args.contact_sheet:
            sheet = contact_sheet(args.size, args.seed)
            write_picture(args.contact_sheet, sheet)
    print(f'{args.out}: {manifest["counts"]}, checksum {manifest["checksum"]}')
