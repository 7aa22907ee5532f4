"""Render the procedural pedestrian data set SynthReID in Market-1501's layout."""

from argparse import ArgumentParser
from pathlib import Path

from mmreid.cli.command import command

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
    return parser


@command
def main() -> None:
    """Render the data set and say what it holds."""
    args = make_parser().parse_args()
    from mmreid.datasets.synthetic import contact_sheet, render_synthreid
    from mmreid.engine import expand_home
    from mmreid.progress import ProgressBar
    from mmreid.visualization import write_picture

    expand_home(vars(args))
    advance = ProgressBar('pictures')
    manifest = render_synthreid(args.out, args.size, args.seed, args.workers, advance)
    print(f'{args.out}: {manifest["counts"]}, checksum {manifest["checksum"]}')
    if args.contact_sheet:
        write_picture(args.contact_sheet, contact_sheet(args.size, args.seed))
