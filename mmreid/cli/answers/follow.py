"""Tell who is who in the videos of one camera or several.

Boxes that a tracker of each camera has linked become vectors, tracks become tracklets,
and tracklets of all cameras identities.
"""

from argparse import (
    ArgumentParser,
    Namespace,
    RawDescriptionHelpFormatter,
    _ArgumentGroup,
)
from pathlib import Path
from typing import Any

from mmreid.cli import flags, words
from mmreid.cli.answers.camera_words import apart_words, camera_words
from mmreid.cli.answers.models import make_inferencer
from mmreid.cli.command import answer, answering, command

_EPILOG = """
A SCENE is a folder, such as of "mmreid scene", with a folder for each camera that has
tracks.txt in it, and its video beside it or its pictures in it. Or name each camera:
  mmreid follow MODEL --camera door=door.mp4:door.txt@0 --camera hall=hall/:hall.csv@2.5
      --threshold 0.3 --out found
An interrupted run goes on when the same command is given again. Status 1: done, but
some boxes gave no vector; they are listed.
"""


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    flags.add_model(parser)
    parser.add_argument('scene', nargs='?', metavar='SCENE', help='folder of cameras')
    parser.add_argument(
        '--camera',
        action='append',
        default=[],
        type=camera_words,
        metavar='NAME=VIDEO:TABLE[@START]',
        help='a video or folder of pictures, its boxes with tracks (MOT, CSV, CVAT or '
        'YOLO), and the second at which it starts (default: 0); once for each camera',
    )
    parser.add_argument(
        '--out', type=Path, required=True, metavar='DIR', help='where results go'
    )
    parser.add_argument(
        '--threshold',
        metavar='FILE|NUMBER',
        help='of "mmreid threshold", or a cosine distance, below which tracklets are '
        'one person (default: what --fit finds, or the gallery has)',
    )
    parser.add_argument(
        '--gallery',
        metavar='FILE',
        help='look identities up there, and add the tracklets; made if missing',
    )
    _add_truth(parser)
    group = parser.add_argument_group('how persons are followed')
    _add_tracklets(group)
    _add_identities(group)
    flags.add_embedding(parser)
    return parser


def _add_truth(parser: ArgumentParser) -> None:
    """Declare what is done where the true persons are known."""
    parser.add_argument(
        '--truth',
        nargs='*',
        type=words.named_file,
        metavar='NAME=FILE',
        help="compare with true persons (default: the scene's gt/gt.txt)",
    )
    parser.add_argument(
        '--fit',
        type=Path,
        metavar='FILE',
        help='with --truth: write the threshold that fits, and take it where none is '
        'given',
    )
    parser.add_argument(
        '--rate',
        type=float,
        help='of --fit: share of the pairs of two persons that may pass for one '
        '(default: 0.01)',
    )
    parser.add_argument(
        '--after',
        nargs='+',
        type=float,
        metavar='SECONDS',
        help='of --truth: times after which persons are looked for again (default: 0)',
    )


def _add_tracklets(group: _ArgumentGroup) -> None:
    """Declare how boxes become tracklets."""
    group.add_argument(
        '--fps', type=float, help='frames a second, where a video does not tell'
    )
    group.add_argument(
        '--per-track',
        type=_count_or_all,
        default=16,
        metavar='N|all',
        help='boxes of a track that are embedded, evenly spread (default: 16)',
    )
    group.add_argument(
        '--weights',
        choices=('none', 'score', 'visibility', 'size'),
        default='none',
        help='what the boxes of a tracklet count (default: all alike)',
    )
    group.add_argument('--pooling', choices=('mean', 'median'), default='mean')
    group.add_argument(
        '--hidden',
        type=float,
        default=0.3,
        metavar='SHARE',
        help='leave out boxes of which more than this is behind another, where there '
        'are others (default: %(default)s; 1 for none)',
    )
    group.add_argument(
        '--split',
        type=float,
        metavar='DISTANCE',
        help='cut a track where what is before and after differs by this or more',
    )


def _add_identities(group: _ArgumentGroup) -> None:
    """Declare how tracklets become identities, and what is shown."""
    group.add_argument(
        '--linkage', choices=('average', 'complete', 'single'), default='average'
    )
    group.add_argument(
        '--no-constraints',
        action='store_true',
        help='join also tracklets that are seen in one frame of one camera',
    )
    group.add_argument(
        '--apart',
        action='append',
        default=[],
        type=apart_words,
        metavar='NAME,NAME=SECONDS',
        help='two cameras that do not overlap, and how long the way takes at least',
    )
    group.add_argument(
        '--no-pictures', action='store_true', help='write tables alone, no crops'
    )


def _count_or_all(word: str) -> int | None:
    return None if word == 'all' else words.positive(word)


@command
def main() -> None:
    """Follow."""
    parser = make_parser()
    # The scene may also stand behind options.
    args = parser.parse_intermixed_args()
    if fault := _find_fault(args):
        parser.error(fault)
    with answering(parser, args, MemoryError):
        result = _follow(args)
    if args.json:
        answer(result)
    else:
        print(result['text'])
    if result['failures']:
        parser.exit(1)


def _find_fault(args: Namespace) -> str:
    """Say what is wrong with the arguments, '' where nothing is."""
    if bool(args.scene) == bool(args.camera):
        return 'give a SCENE or cameras with --camera, one of the two'
    if args.threshold is None and args.fit is None and args.gallery is None:
        return 'give --threshold, or --fit and --truth to find one'
    if args.fit is not None and args.truth is None:
        return '--fit needs --truth: a threshold is fitted on known persons'
    if args.rate is not None and args.fit is None:
        return '--rate goes with --fit'
    if args.after is not None and args.truth is None:
        return '--after goes with --truth'
    return ''


def _follow(args: Namespace) -> dict[str, Any]:
    """Do it, and return what is to be said."""
    from dataclasses import replace

    from mmreid.apis import follow
    from mmreid.apis.follow.task import KEPT, FollowTask, run_task
    from mmreid.progress import ProgressBar

    cameras = (
        follow.find_cameras(args.scene)
        if args.scene
        else [follow.Camera(*camera) for camera in args.camera]
    )
    if args.fps is not None:
        cameras = [replace(camera, fps=args.fps) for camera in cameras]
    task = FollowTask(
        out=args.out,
        threshold=args.threshold,
        options=_read_options(args),
        truth=None if args.truth is None else dict(args.truth),
        fit=args.fit,
        gallery=args.gallery,
        pictures=not args.no_pictures,
        **{n: v for n in ('rate', 'after') if (v := getattr(args, n)) is not None},
    )
    inferencer = make_inferencer(args, args.model)
    try:
        return run_task(task, cameras, inferencer, ProgressBar)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f'vectors computed so far are kept in {args.out / KEPT}; the same command '
            'goes on from there.'
        ) from None


def _read_options(args: Namespace) -> Any:
    """Return how persons are followed."""
    from mmreid.apis.follow import FollowOptions

    return FollowOptions(
        per_track=args.per_track,
        weights=args.weights,
        pooling=args.pooling,
        hidden=args.hidden,
        split=args.split,
        linkage=args.linkage,
        constraints=not args.no_constraints,
        transitions=dict(args.apart),
    )
