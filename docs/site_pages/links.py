"""Links of pages to files of the repository, which the site has copies of.

A page links as a clone needs it. Files outside of ``docs/`` lie in the site's folder
``repository/``, in the same places: Markdown as pages, code as pages that show it, all
else as it is.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
#: The folder of the site with what is outside of docs/.
COPIES = 'repository'
# Shown as pages: browsers would store such files instead of showing them.
_LANGUAGES = {
    '.py': 'python',
    '.yml': 'yaml',
    '.toml': 'toml',
    '.txt': 'text',
    '.sh': 'bash',
}
_LINK = re.compile(r'(?<=\]\()([^()\s#]+)(#[^()\s]*)?(?=\))')
_FENCED = re.compile(r'^(```.*?^```)', re.MULTILINE | re.DOTALL)


def linked_files(text: str, page: str) -> Iterator[str]:
    """Tell which files of the repository a page links to.

    Args:
        text (str): The page in Markdown.
        page (str): Its path in the repository, such as ``'docs/index.md'``.

    Yields:
        str: Path in the repository.

    Raises:
        ValueError: A folder without a README is linked.
    """
    for part in _FENCED.split(text)[::2]:
        for match in _LINK.finditer(part):
            if (path := _path_of(match[1], page)) is not None:
                yield path


def lead_to_copies(text: str, page: str) -> str:
    """Rewrite the links of a page as the site needs them.

    Args:
        text (str): The page in Markdown.
        page (str): Its path in the repository.

    Returns:
        str: The page, with links to files of ``docs/`` and copies of others.
    """
    start = PurePosixPath(place_of(page)).parent

    def lead(match: re.Match[str]) -> str:
        path = _path_of(match[1], page)
        if path is None:
            return match[0]
        return os.path.relpath(place_of(path), start) + (match[2] or '')

    return _outside_of_code(lambda part: _LINK.sub(lead, part), text)


def place_of(path: str) -> str:
    """Tell where the site has a file.

    Args:
        path (str): Path in the repository.

    Returns:
        str: Path below the site's sources, as MkDocs names them.
    """
    suffix = PurePosixPath(path).suffix
    if suffix in _LANGUAGES:
        return f'{COPIES}/{path}.md'
    inside = path.removeprefix('docs/')
    return inside if inside != path else f'{COPIES}/{path}'


def copy_of(path: str) -> str | bytes:
    """Make what the site has of a file outside of ``docs/``.

    Args:
        path (str): Path in the repository.

    Returns:
        str | bytes: A page in Markdown, or the file as it is.
    """
    file = ROOT / path
    if file.suffix == '.md':
        return file.read_text('utf-8')
    if file.suffix not in _LANGUAGES:
        return file.read_bytes()
    text = file.read_text('utf-8').rstrip()
    # Found by their names in the table of configs, not by every word in them.
    head = f'---\nsearch:\n  exclude: true\n---\n# {file.name}\n\n`{path}`'
    return f'{head}\n\n````{_LANGUAGES[file.suffix]}\n{text}\n````\n'


def _outside_of_code(change: Callable[[str], str], text: str) -> str:
    parts = _FENCED.split(text)
    parts[::2] = [change(part) for part in parts[::2]]
    return ''.join(parts)


def _path_of(target: str, page: str) -> str | None:
    """The file that a link is to; None where it is an address, or of nothing."""
    if '://' in target or target.startswith('mailto:'):
        return None
    file = (ROOT / page).parent / target
    if file.is_dir():
        file = file / 'README.md'
        if not file.is_file():
            raise ValueError(
                f'{page} links to the folder {target}, which has no README.md to show; '
                'link to a file in it'
            )
    if not file.is_file():
        return None  # MkDocs says so
    return Path(os.path.normpath(file)).relative_to(ROOT).as_posix()
