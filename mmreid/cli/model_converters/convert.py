"""Turn a file of another program into a checkpoint, whosever it is."""

from argparse import ArgumentParser
from pathlib import Path

from mmreid.cli.command import command
from mmreid.cli.model_converters.converting import (
    EPILOG,
    add_facts,
    add_files,
    add_options,
    convert,
)


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG)
    add_files(parser, target_is_needed=False)
    parser.add_argument(
        '--layout',
        help="whose it is, where its weights' names do not tell; a wrong one is "
        'answered with those that there are',
    )
    add_facts(parser)
    add_options(parser)
    return parser


@command
def main() -> None:
    """Convert."""
    parser = make_parser()
    args = parser.parse_args()
    if args.target is None:
        source = Path(args.source)
        args.target = str(source.with_name(f'{source.stem}_mmreid.pth'))
    convert(parser, args, args.layout)
