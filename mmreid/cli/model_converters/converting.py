"""Arguments and the ending of the commands that convert checkpoints."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from mmreid.cli import flags
from mmreid.cli.command import short_errors

EPILOG = """
Nothing in the file is run: its tensors are read, and whatever else it asks for is
refused and named.
"""


def add_files(parser: ArgumentParser) -> None:
    """Declare the file to convert and the checkpoint to write.

    Args:
        parser (ArgumentParser): Is given ``source`` and ``target``.
    """
    parser.add_argument('source', help='the file to convert')
    parser.add_argument('target', help='the checkpoint to write')


def add_options(parser: ArgumentParser) -> None:
    """Declare the options that every converter has.

    Args:
        parser (ArgumentParser): Is given ``cfg_options`` and ``debug``.
    """
    flags.add_cfg_options(
        parser, 'change the config that the weights are for, if widths differ'
    )
    flags.add_debug(parser)


def convert(
    parser: ArgumentParser,
    args: Namespace,
    layout: str,
    facts: Mapping[str, str] = {},
) -> None:
    """Convert and print what was done.

    Args:
        parser (ArgumentParser): Ends the program where something is wrong.
        args (Namespace): The command line.
        layout (str): As of :func:`mmreid.apis.convert_checkpoint`.
        facts (Mapping[str, str]): As of that. Defaults to none.
    """
    from mmreid import engine
    from mmreid.apis import convert_checkpoint

    with short_errors(parser, args, OSError, ValueError, engine.CheckpointError):
        report = convert_checkpoint(
            layout, args.source, args.target, args.cfg_options, facts
        )
    print(report)
