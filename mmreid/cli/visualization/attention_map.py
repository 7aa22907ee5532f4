"""Draw what reference points of a picture attend to, and their strongest relations."""

from argparse import ArgumentParser

from mmreid.cli.command import command
from mmreid.cli.visualization import drawing


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog='For SONA, SIA and any other module with a relation_map. The point is '
        'green, the related ones are red; under a map stand its smallest and largest '
        'value times the number of positions.',
    )
    drawing.add_network(parser)
    drawing.add_source(parser)
    drawing.add_out(parser, 'attention_map.jpg')
    drawing.add_points(parser)
    parser.add_argument(
        '--top', type=int, default=10, help='related points to mark (default: 10)'
    )
    drawing.add_count(parser, 4)
    return parser


@command
def main() -> None:
    """Draw."""
    drawing.draw(make_parser(), 'draw_attention_maps')
