"""Turn weights of other programs' networks into ones of ours."""

from argparse import ArgumentParser

from mmreid.cli.command import command
from mmreid.cli.model_converters.converting import (
    EPILOG,
    add_facts,
    add_files,
    add_options,
    convert,
)

# Those of mmreid.apis.conversion, which is not imported yet.
LAYOUTS = ('torchvision', 'timm', 'ibn-a', 'torchreid', 'fast-reid', 'ianet')


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG)
    add_files(parser)
    parser.add_argument(
        '--layout',
        choices=LAYOUTS,
        required=True,
        help='whose weights they are; the first three are trunks to train from',
    )
    add_facts(parser)
    add_options(parser)
    return parser


@command
def main() -> None:
    """Convert."""
    parser = make_parser()
    args = parser.parse_args()
    convert(parser, args, args.layout)
