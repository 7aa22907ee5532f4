"""Compare trainings in one picture, from their JSON logs."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make_parser() -> argparse.ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = argparse.ArgumentParser(
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
    parser.add_argument(
        '--debug', action='store_true', help='show the traceback of every error'
    )
    return parser


def main() -> None:
    """Draw."""
    parser = make_parser()
    args = parser.parse_args()
    # The clone itself, for `mmreid` without installation and for `projects`.
    sys.path.insert(0, str(ROOT))
    from mmreid import engine
    from mmreid.apis import plot_logs

    engine.expand_home(vars(args))
    with engine.short_errors(parser.exit, OSError, ValueError, debug=args.debug):
        print(plot_logs(args.runs, args.keys, args.out))
    print(f'wrote {args.out}')


if __name__ == '__main__':
    main()
