"""Cut boxes with track numbers out of videos, as a data set to train and test on.

A SOURCE is a video or a folder of pictures, BOXES the table of a tracker or annotator
(MOTChallenge, YOLO, CVAT, CSV) that belongs to it. Several cameras are given in pairs.
"""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from typing import TYPE_CHECKING

from mmreid.cli import flags, words
from mmreid.cli.command import answer, answer_alone, command, short_errors

if TYPE_CHECKING:
    from mmreid.datasets.boxes import Camera, CropReport

# Those of mmreid.datasets.boxes, which is not imported yet.
FORMATS = ('auto', 'mot', 'yolo', 'cvat', 'csv')
IDENTITIES = ('shared', 'separate')
_SHOWN = 10
EPILOG = """
examples:
  mmreid crops hall.mp4 tracks.txt hall_crops --every 10
  mmreid crops a.mp4 a/gt.txt b.mp4 b/gt.txt crops --identities shared --test-share 0.5

The status is 0 if all boxes were cut out, 1 if some could not be (faults.csv in OUT
names them), 2 if nothing was written."""


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog=EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
        usage='%(prog)s SOURCE BOXES [SOURCE BOXES ...] OUT [options]',
    )
    parser.add_argument(
        'paths', nargs='+', type=Path, metavar='SOURCE BOXES OUT', help='see above'
    )
    parser.add_argument(
        '--camera',
        nargs='+',
        metavar='NAME',
        help='a name for each SOURCE (default: of its file or folder)',
    )
    parser.add_argument('--format', choices=FORMATS, default='auto', help='of BOXES')
    parser.add_argument(
        '--first-frame',
        type=int,
        metavar='N',
        help='the number that BOXES have for the first frame (default: what the format '
        'says: MOT and YOLO 1, CVAT 0)',
    )
    _add_choice(parser)
    _add_data_set(parser)
    flags.add_json(parser)
    flags.add_debug(parser)
    return parser


def _add_choice(parser: ArgumentParser) -> None:
    """Declare which boxes are taken."""
    group = parser.add_argument_group('boxes')
    flags.add_count(group, '--every', 1, 'of each track every N-th box')
    group.add_argument(
        '--min-size',
        type=words.positive,
        nargs=2,
        default=(1, 1),
        metavar=('W', 'H'),
        help='in pixels (default: 1 1)',
    )
    group.add_argument(
        '--min-score',
        type=float,
        metavar='S',
        help='the least score (default: any, but not the 0 of MOT ground truth)',
    )
    group.add_argument('--labels', nargs='+', metavar='LABEL', help='only these')


def _add_data_set(parser: ArgumentParser) -> None:
    """Declare what the data set is like."""
    group = parser.add_argument_group('data set')
    group.add_argument(
        '--identities',
        choices=IDENTITIES,
        help='whether one track number is one person in all cameras (ground truth) or '
        'in its own only (trackers); to be said where there are several cameras',
    )
    group.add_argument(
        '--test-share',
        type=float,
        default=0,
        metavar='X',
        help='share of the persons for query and gallery (default: 0)',
    )
    group.add_argument('--seed', type=int, default=0, help='of that division')
    flags.add_count(group, '--quality', 95, 'of JPEG')


@command
def main() -> None:
    """Cut, write, and say what was left out."""
    parser = make_parser()
    args = parser.parse_args()
    if fault := find_fault(args):
        parser.error(fault)
    with (
        answer_alone(args),
        short_errors(parser, args, OSError, ValueError, ImportError),
    ):
        report = write(args)
    if args.json:
        answer(vars(report) | dict(out=args.paths[-1]))
    else:
        print(format_report(args, report))
    if report.faults:
        sys.exit(1)


def find_fault(args: Namespace) -> str:
    """Say what is wrong with the arguments, '' where nothing is."""
    pairs = len(args.paths) // 2
    if len(args.paths) < 3 or len(args.paths) % 2 == 0:
        return 'give SOURCE and BOXES of each camera, and then OUT'
    if args.camera is not None and len(args.camera) != pairs:
        return f'--camera must name {pairs} camera(s), got {args.camera}'
    if pairs > 1 and args.identities is None:
        return (
            'with several cameras say --identities shared (track 1 is the same person '
            'everywhere, as in a ground truth) or separate (trackers of their own)'
        )
    return ''


def write(args: Namespace) -> 'CropReport':
    """Open what is given and write the data set."""
    from mmreid.datasets.boxes import CropChoice, write_crops
    from mmreid.progress import ProgressBar

    choice = CropChoice(args.every, tuple(args.min_size), args.min_score, args.labels)
    return write_crops(
        open_cameras(args),
        args.paths[-1],
        choice,
        identities=args.identities or 'separate',
        test_share=args.test_share,
        seed=args.seed,
        quality=args.quality,
        progress=ProgressBar('crops'),
    )


def open_cameras(args: Namespace) -> 'list[Camera]':
    """Open frames and boxes of each camera."""
    from mmreid.datasets.boxes import Camera, open_with_boxes

    cameras = []
    for number, source in enumerate(args.paths[:-1:2]):
        boxes = args.paths[2 * number + 1]
        frames, table = open_with_boxes(source, boxes, args.format, args.first_frame)
        named = source.parent if source.name == 'img1' else source
        name = args.camera[number] if args.camera else table.camera or named.stem
        cameras.append(Camera(name, frames, table))
    return cameras


def format_report(args: Namespace, report: 'CropReport') -> str:
    """Say what was written and what was not."""
    parts = ', '.join(f'{count:,} {part}' for part, count in report.parts.items())
    counts = f'{report.num_persons:,} persons, {report.num_tracklets:,} tracklets'
    lines = [f'{args.paths[-1]}: {parts}; {counts}; JPEG of quality {args.quality}']
    lines += [f'  left out: {n:,} {why}' for why, n in report.left_out.items()]
    lines += [f'  {camera}: {said}' for camera, said in report.assumed.items()]
    lines += [f'  not cut out: {c}, {why}' for c, _, why in report.faults[:_SHOWN]]
    if (more := len(report.faults) - _SHOWN) > 0:
        lines.append(f'  and {more:,} more, all in faults.csv')
    lines.append(
        f"to train on it: type='ReIDDataset', table='{args.paths[-1] / 'table.csv'}'"
    )
    return '\n'.join(lines)
