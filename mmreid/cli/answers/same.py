"""Tell whether two pictures show one person."""

import sys
from argparse import ArgumentParser
from dataclasses import asdict

from mmreid.cli import flags
from mmreid.cli.command import answer, answering, command


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(
        description=__doc__,
        epilog='Status 0: yes; 1: no; 2: it cannot be told. '
        'docs/how_to/thresholds.md tells what the numbers mean.',
    )
    flags.add_model(parser)
    parser.add_argument('first', metavar='A', help='a picture')
    parser.add_argument('second', metavar='B', help='another one')
    parser.add_argument(
        '--threshold',
        metavar='JSON',
        help='file of "mmreid threshold --out" (default: what the model was published '
        'with)',
    )
    parser.add_argument(
        '--prior',
        type=float,
        metavar='SHARE',
        help='probability of one person before looking (default: of the threshold)',
    )
    flags.add_embedding(parser)
    return parser


@command
def main() -> None:
    """Compare."""
    parser = make_parser()
    args = parser.parse_args()
    with answering(parser, args):
        from mmreid.apis.decisions import same_person
        from mmreid.cli.answers.models import make_inferencer
        from mmreid.search import load_operating_point

        point = load_operating_point(args.threshold) if args.threshold else None
        inferencer = make_inferencer(args, args.model)
        point = point or inferencer.operating_point
        if point is None:
            raise ValueError(
                'threshold must be given for a model that was published without one: '
                '--threshold FILE of "mmreid threshold --out".'
            )
        found = same_person(inferencer, args.first, args.second, point, args.prior)
    if found.warning:
        print(f'Warning: {found.warning}.', file=sys.stderr)
    if args.json:
        answer(asdict(found))
    else:
        word = 'yes: one person' if found.same else 'no: two persons'
        print(
            f'{word} (distance {found.distance:.6f}, yes below {found.threshold:.6f})'
        )
        if found.probability is not None:
            print(f'probability that it is one person: {found.probability:.4f}')
    sys.exit(0 if found.same else 1)
