"""Every command with its arguments and their defaults, from the parsers themselves."""

import inspect
from argparse import (
    SUPPRESS,
    Action,
    ArgumentParser,
    HelpFormatter,
    _HelpAction,
    _SubParsersAction,
)
from importlib import import_module

from mmreid.cli.main import COMMANDS, GROUPS
from site_pages.markdown import code, escape, table

# Whose words are another program's.
_WITHOUT_PARSER = {'launch': 'Its arguments are those of `torchrun`, which it calls.'}


def format_commands() -> str:
    """List the commands in their groups.

    Returns:
        str: Markdown with a section for each group and each command.
    """
    parts = []
    for title, group in GROUPS.items():
        parts.append(f'## {title}')
        parts += [_format_command(name) for name in group]
    return '\n\n'.join(parts)


def parser_of(name: str) -> ArgumentParser | None:
    """Make the parser of a command.

    Args:
        name (str): One of ``mmreid.cli.main.COMMANDS``.

    Returns:
        ArgumentParser | None: None where the words are another program's.
    """
    if name in _WITHOUT_PARSER:
        return None
    parser = import_module(COMMANDS[name][0]).make_parser()
    parser.prog = f'mmreid {name}'
    return parser


def _format_command(name: str) -> str:
    """The section of a command."""
    parser = parser_of(name)
    head = f'### mmreid {name}'
    if parser is None:
        doc = inspect.getdoc(import_module(COMMANDS[name][0])) or ''
        return f'{head}\n\n{_quote(doc)}\n\n{_WITHOUT_PARSER[name]}'
    parts = [head, _quote(parser.description or ''), _format_arguments(parser)]
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for word, one in action.choices.items():
                said = escape(one.description or '')
                said = f'{said[:1].upper()}{said[1:]}.'
                title = f'#### mmreid {name} {word}'
                parts += [title, said, _format_arguments(one)]
    parts.append(_quote(parser.epilog or ''))
    return '\n\n'.join(part for part in parts if part)


def _format_arguments(parser: ArgumentParser) -> str:
    """A table of what a parser takes, positional ones first."""
    formatter = HelpFormatter(parser.prog)
    shown = [
        action
        for action in parser._actions
        if action.help != SUPPRESS
        and not isinstance(action, (_HelpAction, _SubParsersAction))
    ]
    shown.sort(key=lambda action: bool(action.option_strings))
    rows = [
        (_invocation(action, formatter), _meaning(action, formatter), _default(action))
        for action in shown
    ]
    return table(('argument', 'meaning', 'default'), rows) if rows else ''


def _invocation(action: Action, formatter: HelpFormatter) -> str:
    """What is typed: the option's names and its values."""
    if not action.option_strings:
        return code(formatter._format_args(action, action.dest))
    values = formatter._format_args(action, action.dest.upper())
    values = '' if action.nargs == 0 else f' {values}'
    return code(', '.join(action.option_strings) + values)


def _meaning(action: Action, formatter: HelpFormatter) -> str:
    """The help, with the choices where the names do not show them."""
    text = escape(formatter._expand_help(action)) if action.help else ''
    if action.choices and action.metavar:
        values = ', '.join(code(str(choice)) for choice in action.choices)
        text += f' ({values})' if text else values
    required = action.required and action.option_strings
    return f'{text} **Required.**'.strip() if required else text


def _default(action: Action) -> str:
    """The default where it is a value that somebody could type."""
    value = action.default
    if value in (None, SUPPRESS, False, [], ()):
        return ''
    if isinstance(value, (list, tuple)):
        return code(' '.join(map(str, value)))
    return code(str(value))


def _quote(text: str) -> str:
    """Paragraphs of a docstring or an epilog as Markdown."""
    return '\n\n'.join(escape(part) for part in inspect.cleandoc(text).split('\n\n'))
