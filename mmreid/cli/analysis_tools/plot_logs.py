"""Compare trainings in one picture, from their JSON logs."""

from argparse import ArgumentParser
from pathlib import Path

from mmreid.cli import flags
from mmreid.cli.command import command, short_errors


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog='The logs of a run that was resumed are joined; where it repeated '
        'steps, the later ones count. The last values are printed.',
    )
    parser.add_argument(
        'runs', nargs='+', metavar='RUN', help='work_dir of a training, or a JSON log'
    )
    parser.add_argument(
        '--keys',
        nargs='+',
        default=['loss', 'reid/mAP'],
        metavar='KEY',
        help='what to draw, a panel each, such as whole.id_loss, lr, backbone.lr, '
        'images_per_second, reid/R1 (default: loss reid/mAP)',
    )
    parser.add_argument(
        '--out',
        type=Path,
        default=Path('curves.png'),
        metavar='FILE',
        help='.png, .jpg, .svg or .pdf (default: %(default)s)',
    )
    flags.add_debug(parser)
    return parser


@command
def main() -> None:
    """Draw."""
    parser = make_parser()
    args = parser.parse_args()
    from mmreid.apis import plot_logs

    with short_errors(parser, args, OSError, ValueError):
        table = plot_logs(args.runs, args.keys, args.out)
    print(f'{table}\nwrote {args.out}')
