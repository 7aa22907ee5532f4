"""The text of a config that is read and never run: assignments of plain values."""

import ast
import io
import math
import tokenize
from collections.abc import Iterator
from typing import Any

from mmreid.engine.config_files.parsing import parse_again
from mmreid.engine.config_files.reading import ConfigFileError

#: The longest text that is read; those of mmreid's own configs have some 10,000.
MOST_CHARACTERS = 1_000_000
# Brackets within brackets; those of mmreid's own configs are 10 deep.
_MOST_NESTED = 60
_GREATEST = 2**63
_OPENING, _CLOSING, _SIGNS = ('(', '[', '{'), (')', ']', '}'), ('-', '+')
_BEFORE_VALUES = ('=', ',', ':', *_OPENING)
# As ``str`` writes numbers that have no literal.
_NAMED = dict(inf=math.inf, nan=math.nan)
# Between two tokens that are read.
_BLANK = (tokenize.NL, tokenize.COMMENT, tokenize.NEWLINE, tokenize.ENDMARKER)


def parse_config_text(text: str, source: str) -> dict[str, Any]:
    """Read the text of a config as mmengine writes it (``Config.pretty_text``).

    Args:
        text (str): Assignments of numbers, texts, ``True``, ``False``, ``None``,
            lists, tuples and dicts, also written as ``dict(key=value)``.
        source (str): Where it is from, for messages.

    Returns:
        dict[str, Any]: The values by name.

    Raises:
        ConfigFileError: It holds anything else, which is named with its line, or is
            longer or more deeply nested than any config.
    """
    if len(text) > MOST_CHARACTERS:
        raise ConfigFileError(
            f'{source}: its config has {len(text):,} characters, more than the '
            f'{MOST_CHARACTERS:,} that are read; give the config that it was trained '
            'with.'
        )
    reader = _Reader(text, source)
    # Only what passes here is given to Python's parser, which can be exhausted.
    reader.check_tokens()
    try:
        statements = parse_again(lambda: ast.parse(text)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, 'lineno', None) or 1
        raise reader.refusal(
            line, f'it is no config ({str(error).partition("(")[0].strip()})'
        ) from error
    return dict(map(reader.read_statement, statements))


def _is_out_of_place(token: tokenize.TokenInfo, before: str) -> bool:
    """Whether no plain value has a token behind the word before it."""
    word = token.string
    if token.type == tokenize.NAME:
        return before not in ('', *_BEFORE_VALUES, *_SIGNS)
    if word in _SIGNS:
        return before not in _BEFORE_VALUES
    known = (*_BEFORE_VALUES, *_CLOSING)
    return token.type == tokenize.OP and word not in known


class _Reader:
    """Reads values of a syntax tree, or tells in which line there is none.

    Args:
        text (str): The text of the tree.
        source (str): Where it is from.
    """

    def __init__(self, text: str, source: str) -> None:
        self.lines = text.splitlines()
        self.text, self.source = text, source

    def refusal(self, line: int, why: str) -> ConfigFileError:
        """Make the error for a line."""
        shown = self.lines[line - 1].strip()[:80] if line <= len(self.lines) else ''
        return ConfigFileError(
            f'{self.source}: line {line} of its config, {shown!r}, is refused: {why}. '
            'The text of a config in a checkpoint is read as plain values and never '
            'run; give the config that it was trained with.'
        )

    def check_tokens(self) -> None:
        """Refuse what no assignment of plain values has, before it is parsed."""
        depth, before, line = 0, '', 1
        try:
            for token in self._tokens():
                word, line = token.string, token.start[0]
                if word in _OPENING and before not in ('dict', *_BEFORE_VALUES):
                    raise self.refusal(
                        line, f'{before or "nothing"!r} is called or indexed'
                    )
                if _is_out_of_place(token, before):
                    raise self.refusal(line, f'{word!r} has no place in it')
                depth += (word in _OPENING) - (word in _CLOSING)
                if depth > _MOST_NESTED:
                    raise self.refusal(
                        line, f'brackets are more than {_MOST_NESTED} deep'
                    )
                # A new statement begins where all brackets are closed.
                before = '' if token.type == tokenize.NEWLINE else word
        except (tokenize.TokenError, SyntaxError) as error:
            raise self.refusal(line, f'it is no config ({error.args[0]})') from error

    def _tokens(self) -> Iterator[tokenize.TokenInfo]:
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type in (tokenize.INDENT, tokenize.ERRORTOKEN):
                raise self.refusal(token.start[0], 'it is no assignment')
            if token.type not in _BLANK or token.type == tokenize.NEWLINE:
                yield token

    def read_statement(self, statement: ast.stmt) -> tuple[str, Any]:
        """Read an assignment."""
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name):
                return target.id, self.read(statement.value)
        raise self.refusal(statement.lineno, 'it is no assignment to one name')

    def read(self, node: ast.expr) -> Any:
        """Read a value."""
        if isinstance(node, ast.Constant):
            if isinstance(node.value, int) and abs(node.value) > _GREATEST:
                raise self.refusal(node.lineno, 'a number is too large')
            if node.value is None or isinstance(node.value, str | int | float):
                return node.value
        elif isinstance(node, ast.Name) and node.id in _NAMED:
            return _NAMED[node.id]
        elif isinstance(node, ast.UnaryOp):
            return self._signed(node)
        elif isinstance(node, ast.List):
            return [self.read(item) for item in node.elts]
        elif isinstance(node, ast.Tuple):
            return tuple(self.read(item) for item in node.elts)
        elif isinstance(node, ast.Dict):
            return self._read_dict(node)
        elif isinstance(node, ast.Call):
            return self._read_call(node)
        raise self.refusal(node.lineno, f'{ast.unparse(node)[:60]!r} is no plain value')

    def _signed(self, node: ast.UnaryOp) -> int | float:
        """Read a number behind its sign."""
        value = self.read(node.operand)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refusal(node.lineno, f'{ast.unparse(node)[:60]!r} is no number')
        return -value if isinstance(node.op, ast.USub) else value

    def _read_dict(self, node: ast.Dict) -> dict[Any, Any]:
        """Read ``{key: value}``."""
        content = {}
        for name, item in zip(node.keys, node.values, strict=True):
            key = self.read(name) if name is not None else []
            if isinstance(key, list | dict | tuple):
                raise self.refusal(node.lineno, 'a key is no text or number')
            content[key] = self.read(item)
        return content

    def _read_call(self, node: ast.Call) -> dict[str, Any]:
        """Read ``dict(key=value)``."""
        is_dict = isinstance(node.func, ast.Name) and node.func.id == 'dict'
        content = {
            item.arg: self.read(item.value)
            for item in node.keywords
            if item.arg is not None
        }
        if not is_dict or node.args or len(content) < len(node.keywords):
            raise self.refusal(
                node.lineno, f'{ast.unparse(node)[:60]!r} is no dict of names'
            )
        return content
