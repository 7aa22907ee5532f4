"""Draw where the interaction-and-aggregation blocks of a network look in a picture."""

from argparse import ArgumentParser

from mmreid.cli.command import command
from mmreid.cli.visualization import drawing


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog='Relation maps: S, which the block uses; SA and SL, appearance and '
        'location alone; K1, K2, ..., appearance by patches of that size alone.',
    )
    drawing.add_network(parser)
    parser.add_argument('image', help='picture of a person')
    drawing.add_out(parser, 'receptive_field.jpg')
    drawing.add_points(parser)
    parser.add_argument(
        '--channels',
        type=int,
        nargs='+',
        default=(),
        help="of the blocks' maps, from 0 (default: the three that vary most)",
    )
    parser.add_argument(
        '--maps',
        dest='kinds',
        metavar='MAPS',
        nargs='+',
        default=('S',),
        help='relation maps (default: S)',
    )
    parser.add_argument(
        '--threshold',
        type=float,
        default=0.5,
        help='what of a field is valid, from 0 to 1 (default: 0.5)',
    )
    return parser


@command
def main() -> None:
    """Draw."""
    drawing.draw(make_parser(), 'draw_receptive_fields')
