"""Render the procedural pedestrian data set SynthReID in Market-1501's layout."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Those of mmreid.datasets.synthetic, which is not imported yet.
SIZES = ('market', 'mini')


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out', help='folder to write the data set to')
    parser.add_argument('--size', choices=SIZES, default='mini')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--workers', type=int, help='processes (default: all)')
    parser.add_argument(
        '--contact-sheet', type=Path, metavar='FILE', help='also draw an overview'
    )
    return parser


def main() -> None:
    """Render the data set and say what it holds."""
    args = make_parser().parse_args()
    # The clone itself, for `mmreid` without installation.
    sys.path.insert(0, str(ROOT))
    from mmengine.utils import ProgressBar

    from mmreid.datasets.synthetic import contact_sheet, render_synthreid
    from mmreid.engine import expand_home
    from mmreid.visualization import write_picture

    expand_home(vars(args))
    bars: list[ProgressBar] = []

    def advance(done: int, total: int) -> None:
        if not bars:
            bars.append(ProgressBar(total))
        if done % max(1, total // 100) == 0 or done == total:
            bars[0].update(done - bars[0].completed)

    manifest = render_synthreid(args.out, args.size, args.seed, args.workers, advance)
    print(f'\n{args.out}: {manifest["counts"]}, checksum {manifest["checksum"]}')
    if args.contact_sheet:
        write_picture(args.contact_sheet, contact_sheet(args.size, args.seed))


if __name__ == '__main__':
    main()
