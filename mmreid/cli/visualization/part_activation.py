"""Draw where in a picture the part vectors of a network come from."""

from argparse import ArgumentParser

from mmreid.cli.command import command
from mmreid.cli.visualization import drawing


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog='Vectors: vector, those that retrieval compares; of RRID also part, '
        'part_relation (what a part takes from itself and the rest), rest, whole, '
        'contrasted and whole_relation.',
    )
    drawing.add_network(parser)
    drawing.add_source(parser)
    drawing.add_out(parser, 'part_activation.jpg')
    parser.add_argument(
        '--branch', help='its name (default: the one that compares the most parts)'
    )
    parser.add_argument(
        '--of',
        nargs='+',
        default=(),
        metavar='VECTOR',
        help='a row for each (default: part, part_relation and vector, or vector)',
    )
    drawing.add_count(parser, 4)
    return parser


@command
def main() -> None:
    """Draw."""
    drawing.draw(make_parser(), 'draw_part_activations')
