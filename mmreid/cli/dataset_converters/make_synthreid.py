"""Render the procedural pedestrian data set SynthReID in Market-1501's layout."""

from argparse import ArgumentParser
from pathlib import Path

from mmreid.cli import flags
from mmreid.cli.command import command, short_errors

# Those of mmreid.datasets.synthetic, which is not imported yet.
SIZES = ('market', 'mini')
SETTINGS = {
    'look_alikes': (float, 'share of persons who dress as others do (default: 0.968)'),
    'cameras': (int, 'of six, from 4 for mini, 5 for market (default: 6)'),
    'occluded': (float, 'share of pictures with something before the person (0.07)'),
    'crowded': (float, 'share of pictures with somebody else, too (default: 0.1)'),
    'height': (int, 'of a picture in pixels, twice its width (default: 128)'),
}


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument('out', help='folder to write the data set to')
    parser.add_argument('--size', choices=SIZES, default='mini')
    parser.add_argument('--seed', type=int, default=0)
    for name, (kind, text) in SETTINGS.items():
        parser.add_argument(f'--{name.replace("_", "-")}', type=kind, help=text)
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
    from mmreid.datasets.synthetic import Rendering, contact_sheet, render_synthreid
    from mmreid.progress import ProgressBar
    from mmreid.visualization import write_picture

    with short_errors(parser, args, OSError, ValueError):
        advance = ProgressBar('pictures')
        chosen = {name: getattr(args, name) for name in SETTINGS}
        rendering = Rendering(**{k: v for k, v in chosen.items() if v is not None})
        manifest = render_synthreid(
            args.out, args.size, args.seed, args.workers, advance, rendering
        )
        if args.contact_sheet:
            sheet = contact_sheet(args.size, args.seed, rendering=rendering)
            write_picture(args.contact_sheet, sheet)
    print(f'{args.out}: {manifest["counts"]}, checksum {manifest["checksum"]}')
