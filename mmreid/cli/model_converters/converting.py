"""Arguments and the ending of the commands that convert checkpoints."""

from argparse import ArgumentParser, Namespace

from mmreid.cli import flags
from mmreid.cli.command import short_errors
from mmreid.errors import CheckpointError
from mmreid.network_facts import FACTS, flag_of

EPILOG = """
Nothing in the file is run: its tensors are read, and whatever else it asks for is
refused and named.
"""


def add_files(parser: ArgumentParser, target_is_needed: bool = True) -> None:
    """Declare the file to convert and the checkpoint to write.

    Args:
        parser (ArgumentParser): Is given ``source`` and ``target``.
        target_is_needed (bool): Otherwise it may be left out. Defaults to True.
    """
    parser.add_argument('source', help='the file to convert')
    if target_is_needed:
        parser.add_argument('target', help='the checkpoint to write')
    else:
        parser.add_argument(
            'target',
            nargs='?',
            help='the checkpoint to write (default: beside it, NAME_mmreid.pth)',
        )


def add_facts(parser: ArgumentParser) -> None:
    """Declare what a file cannot tell.

    Args:
        parser (ArgumentParser): Is given the names of :data:`FACTS`.
    """
    group = parser.add_argument_group(
        'what a file cannot tell',
        'Where an option is left out, its value is assumed, and the report says so.',
    )
    for name, fact in FACTS.items():
        group.add_argument(flag_of(name), choices=fact.choices, help=fact.text)


def add_options(parser: ArgumentParser) -> None:
    """Declare the options that every converter has.

    Args:
        parser (ArgumentParser): Is given ``cfg_options`` and ``debug``.
    """
    flags.add_cfg_options(
        parser, 'change the config that the weights are for, if widths differ'
    )
    flags.add_debug(parser)


def convert(parser: ArgumentParser, args: Namespace, layout: str | None) -> None:
    """Convert and print what was done.

    Args:
        parser (ArgumentParser): Ends the program where something is wrong.
        args (Namespace): The command line; what it has of the facts is heeded.
        layout (str | None): As of :func:`mmreid.apis.convert_checkpoint`.
    """
    from mmreid.apis import convert_checkpoint

    given = {name: getattr(args, name, None) for name in FACTS}
    facts = {name: value for name, value in given.items() if value is not None}
    with short_errors(parser, args, OSError, ValueError, CheckpointError):
        report = convert_checkpoint(
            layout, args.source, args.target, args.cfg_options, facts
        )
    print(report)
