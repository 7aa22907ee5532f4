"""Draw where in a picture the answer of each branch of a network comes from."""

from argparse import ArgumentParser

from mmreid.cli.command import command
from mmreid.cli.visualization import drawing

# Those of mmreid.visualization, which is not imported yet.
ANSWERS = ('identity', 'vector')


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog='Grad-CAM of the map that a branch pools. Answers: identity, the '
        'highest score over the training identities; vector, the length of the vector '
        'that retrieval compares, which needs no classifier.',
    )
    drawing.add_network(parser)
    drawing.add_source(parser)
    drawing.add_out(parser, 'grad_cam.jpg')
    parser.add_argument(
        '--branches', nargs='+', default=(), help='their names (default: all)'
    )
    parser.add_argument(
        '--answer',
        choices=ANSWERS,
        default='identity',
        help='what is explained (default: identity)',
    )
    drawing.add_count(parser, 8)
    return parser


@command
def main() -> None:
    """Draw."""
    drawing.draw(make_parser(), 'draw_grad_cams')
