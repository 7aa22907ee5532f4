"""Which names the files of a config assign, and which they read."""

import ast
import contextlib
import re
import symtable
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmengine.fileio import load

from mmreid.engine.config_files.bases import PREFIX, find_base
from mmreid.engine.config_files.parsing import parse_again

_BASE = '_base_'
_TEMPLATE = re.compile(r'\{\{\s*([^{}]*?)\s*\}\}')
_BASE_NAME = re.compile(rf'{_BASE}\.(\w+)')


@dataclass
class Source:
    """A file of a config.

    Args:
        path (str): The file.
        assigned (set[str]): Names that it gives a value, its own functions and imports
            left out, and as ``'_base_.NAME'`` those of its bases that it changes.
        read (set[str]): Names that it reads, and as ``'_base_.NAME'`` those that it
            reads from its bases.
        bases (tuple[str, ...]): The files that it inherits.
        ancestors (frozenset[str]): Those, theirs and so on.
    """

    path: str
    assigned: set[str]
    read: set[str]
    bases: tuple[str, ...] = ()
    ancestors: frozenset[str] = frozenset()

    @property
    def is_to_inherit(self) -> bool:
        """Whether place or name say that it is a part of other configs."""
        path = Path(self.path)
        return _BASE in path.parts or path.name.startswith('_')


def read_sources(path: str | Path) -> list[Source]:
    """Find out about a config file and all that it inherits.

    A base of another package (``'mmpretrain::...'``), or one whose name is computed, is
    not looked into.

    Args:
        path (str | Path): The file.

    Returns:
        list[Source]: Bases before what inherits them, the file itself last.
    """
    sources: dict[str, Source] = {}

    def visit(file: Path) -> Source:
        source = _read_source(file)
        bases = [visit(base) for name in source.bases if (base := _place(file, name))]
        source.ancestors = frozenset(
            name for base in bases for name in (base.path, *base.ancestors)
        )
        return sources.setdefault(source.path, source)

    visit(Path(path).expanduser())
    return [*sources.values()]


def _place(file: Path, base: str) -> Path | None:
    """Say where a base of a file lies; None for one of another package."""
    if base.startswith(PREFIX):
        return find_base(base)
    return None if '::' in base else file.parent / base


def _read_source(file: Path) -> Source:
    text = file.read_text(encoding='utf-8')
    path = str(file.resolve())
    templates = _TEMPLATE.findall(text)
    inherited = {name for t in templates for name in _BASE_NAME.findall(t)}
    read = {f'{_BASE}.{name}' for name in inherited}
    if file.suffix != '.py':
        content = load(str(file))
        names = set(content)
        bases = content.get(_BASE, ())
    else:
        code = _TEMPLATE.sub(_Fill(file), text)
        tree = parse_again(lambda: ast.parse(code))
        table = symtable.symtable(code, path, 'exec')
        names = {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_assigned()
            and not symbol.is_imported()
            and not symbol.is_namespace()
        }
        changed, used = _split_base_names(tree)
        names |= changed
        read |= {*_read_names(table, top=True), *used}
        bases = _find_bases(tree)
    bases = (bases,) if isinstance(bases, str) else tuple(bases)
    private = {name for name in names if name.startswith('__')}
    return Source(path, names - private - {_BASE}, read, bases)


class _Fill:
    """Puts a value where mmengine fills a template in.

    Args:
        file (Path): The config file.
    """

    def __init__(self, file: Path) -> None:
        self.known = {'fileDirname': file.parent.as_posix()}

    def __call__(self, template: re.Match) -> str:
        """Return the text for a template, a number where it does not matter."""
        return self.known.get(template[1], '0')


def _read_names(table: symtable.SymbolTable, top: bool) -> Iterator[str]:
    """List the module's names that its code reads, in functions too."""
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _read_names(child, top=False)


def _split_base_names(tree: ast.AST) -> tuple[set[str], set[str]]:
    """Divide the names behind ``_base_.`` into those changed and those read."""
    targets: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            targets += node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets.append(node.target)
    changed = {id(end): name for t in targets for end, name in [_root(t)] if name}
    used = {
        f'{_BASE}.{node.attr}'
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and id(node) not in changed
        if isinstance(node.value, ast.Name) and node.value.id == _BASE
    }
    return {f'{_BASE}.{name}' for name in changed.values()}, used


def _root(target: ast.expr) -> tuple[ast.expr, str]:
    """Follow ``_base_.NAME.key[0] = ...`` to its ``_base_.NAME``: '' for others."""
    while isinstance(target, ast.Attribute | ast.Subscript):
        inner = target.value
        if isinstance(inner, ast.Name) and inner.id == _BASE:
            return target, target.attr if isinstance(target, ast.Attribute) else ''
        target = inner
    return target, ''


def _find_bases(tree: ast.Module) -> str | Sequence[str]:
    """Return what a file says it inherits; nothing where it computes that."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == _BASE:
            with contextlib.suppress(ValueError):
                return ast.literal_eval(node.value)
    return ()
