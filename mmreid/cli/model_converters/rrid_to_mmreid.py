"""Turn a checkpoint of RRID's authors, a whole pickled module too, into one of ours."""

from argparse import ArgumentParser

from mmreid.cli.command import command
from mmreid.cli.model_converters.converting import (
    EPILOG,
    add_files,
    add_options,
    convert,
)


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__, epilog=EPILOG)
    add_files(parser)
    add_options(parser)
    return parser


@command
def main() -> None:
    """Convert."""
    parser = make_parser()
    convert(parser, parser.parse_args(), 'rrid')
