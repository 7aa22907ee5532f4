"""Render persons who walk past several cameras: videos with boxes, to try things on."""

from argparse import ArgumentParser

from mmreid.cli import flags
from mmreid.cli.command import answer, answer_alone, command, short_errors


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument('out', help='folder to write the scene to')
    parser.add_argument('--persons', type=int, default=12, help='default: 12')
    parser.add_argument('--cameras', type=int, default=3, help='1 to 6, default: 3')
    parser.add_argument(
        '--seconds',
        type=float,
        default=20,
        help='what each camera records, default: 20',
    )
    parser.add_argument(
        '--fps', type=float, default=10, help='frames a second, default: 10'
    )
    parser.add_argument(
        '--width', type=int, default=640, help='of the frames in pixels, default: 640'
    )
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument(
        '--frames', action='store_true', help='write the frames as pictures too'
    )
    parser.add_argument('--workers', type=int, help='processes (default: all)')
    flags.add_json(parser)
    flags.add_debug(parser)
    return parser


@command
def main() -> None:
    """Render the scene and say what it holds."""
    parser = make_parser()
    args = parser.parse_args()
    from mmreid.datasets.synthetic import SceneSize, render_scene
    from mmreid.progress import ProgressBar

    with answer_alone(args), short_errors(parser, args, OSError, ValueError):
        size = SceneSize(args.persons, args.cameras, args.seconds, args.fps, args.width)
        facts = render_scene(
            args.out, size, args.seed, args.frames, args.workers, ProgressBar('frames')
        )
    if args.json:
        answer(facts)
        return
    visits = sum(len(person['visits']) for person in facts['persons'])
    names = ', '.join(camera['name'] for camera in facts['cameras'])
    print(
        f'{args.out}: {args.persons} persons pass {visits} times before {names}; '
        f'"mmreid follow MODEL {args.out}" tells who is who.'
    )
