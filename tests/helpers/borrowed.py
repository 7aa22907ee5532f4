"""What mmreid takes from the libraries below it, and that they still give it."""

import ast
import functools
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / 'mmreid'
PAGE = ROOT / 'docs' / 'reference' / 'mmengine.md'
LIBRARIES = ('mmengine', 'mmpretrain', 'mmcv')


@functools.cache
def list_borrowed(library: str) -> dict[str, set[str]]:
    """Find the imports of a library.

    Args:
        library (str): Its name, such as 'mmengine'.

    Returns:
        dict[str, set[str]]: Room of the library, such as 'mmengine.runner' -> names
            taken from there; '' for the room as a whole.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for path in PACKAGE.rglob('*.py'):
        for module, name in _imports(ast.parse(path.read_text('utf-8'))):
            if module.split('.')[0] == library:
                room = '.'.join(module.split('.')[:2])
                found[room].add(name)
    return found


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield each import as (module, name); a module itself as (module, '')."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield node.module, alias.name
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ''


@contextmanager
def contract(part: str) -> Iterator[None]:
    """Name a part and the versions in whatever goes wrong with it; also a decorator.

    Args:
        part (str): A room of a library, such as 'mmengine.runner'.

    Raises:
        AssertionError: The part did not do what is asked of it.
    """
    library = part.split('.')[0]
    try:
        yield
    except Exception as error:
        raise AssertionError(
            f'{part} of {library} {_version_of(library)} no longer does what mmreid '
            f'takes from it, with torch {metadata.version("torch")}: {error!r}. '
            'docs/reference/mmengine.md says what that is and what it would take to do '
            'without.'
        ) from error


def _version_of(library: str) -> str:
    names = {'mmcv': ['mmcv-lite', 'mmcv'], 'mmengine': ['mmengine', 'mmengine-lite']}
    for name in names.get(library, [library]):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return '(not installed)'


def write_tables(text: str) -> str:
    """Put what is taken from each library between the two comments of its name.

    Args:
        text (str): The page.

    Returns:
        str: The page with its tables as they should be.
    """
    for library in LIBRARIES:
        marks = f'<!-- borrowed {library} -->\n', f'<!-- /borrowed {library} -->'
        before, _, rest = text.partition(marks[0])
        after = rest.partition(marks[1])[2]
        text = f'{before}{marks[0]}{_table(library)}{marks[1]}{after}'
    return text


def _table(library: str) -> str:
    lines = ['| part | names |', '|---|---|']
    for room, names in sorted(list_borrowed(library).items()):
        told = ', '.join(f'`{name}`' for name in sorted(names) if name)
        lines.append(f'| `{room}` | {told or "the package itself"} |')
    return '\n'.join(lines) + '\n'


if __name__ == '__main__':
    PAGE.write_text(write_tables(PAGE.read_text('utf-8')), 'utf-8')
