"""The blocks of code and the commands in tables of a Markdown page.

Comments right above a block, which no reader of the page sees, say how it is tested::

    <!-- not run: needs real data -->
    <!-- not run: lines 2-3: takes 7 minutes -->
    <!-- file: my_config.py -->
    <!-- status 1 -->

The first marks a whole block, the second some lines of it, counted from 1; behind a
command in a table, the first marks that one. The third has a block written to a file,
as the reader is told to do; by the last its last command ends with that status, which
says "no".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
SHELLS = ('bash', 'sh', 'console')
#: Why a block may stay unrun.
REASON = re.compile(
    'needs (real data|a network|a GPU|Slurm|Docker)|installs packages'
    r'|runs until Ctrl-C|takes \d+ (minutes?|hours?)'
)
_MARK = re.compile(
    r'<!-- (?P<kind>not run: |file: |status )'
    r'(lines? (?P<first>\d+)(-(?P<last>\d+))?: )?(?P<text>.*?) -->'
)
# With something that is neither a command's name nor an option: else it is a mention.
_COMMAND = re.compile(
    r'(\w+=\S+ )*(mmreid [\w-]+|(python )?(-m \w+|(tools|tests)/\S+)) (-\S+ )*[^-\s]'
)


@dataclass(frozen=True)
class Block:
    """Code of a page.

    Args:
        page (str): The page, from the root of the repository.
        line (int): Where it begins there, from 1.
        language (str): What stands behind the fence; ``'bash'`` of a table's commands.
        text (str): The code.
        in_table (bool): Whether it is a command in a table. Defaults to False.
        not_run (dict): Line, from 1, or 0 for all of them -> why it is not run.
        file (str): Where it is to be written. Defaults to ``''``, nowhere.
        status (int): With which its last command ends. Defaults to 0.
    """

    page: str
    line: int
    language: str
    text: str
    in_table: bool = False
    not_run: dict[int, str] = field(default_factory=dict)
    file: str = ''
    status: int = 0

    @property
    def place(self) -> str:
        return f'{self.page}:{self.line}'

    @property
    def is_shell(self) -> bool:
        return self.language in SHELLS

    def run_text(self, patient: bool = False) -> str:
        """The lines that are run, and empty ones for the others.

        Args:
            patient (bool): Whether to run what takes minutes. Defaults to False.

        Returns:
            str: Python or shell code, without prompts.
        """
        left = {
            line
            for line, reason in self.not_run.items()
            if not (patient and takes_minutes(reason))
        }
        if 0 in left:
            return ''
        lines = _without_prompts(self).splitlines()
        return '\n'.join('' if n in left else text for n, text in enumerate(lines, 1))

    def whole_text(self) -> str:
        return _without_prompts(self)


def takes_minutes(reason: str) -> bool:
    return reason.startswith('takes') and 'minute' in reason


def find_pages() -> list[Path]:
    """All pages of the repository that readers come to."""
    patterns = [
        'README.md',
        'CONTRIBUTING.md',
        'SECURITY.md',
        'docs/**/*.md',
        'configs/*/README.md',
        'projects/*/README.md',
    ]
    patterns.append('mmreid/**/README.md')
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern))


@cache
def read_blocks(page: Path) -> list[Block]:
    """Read the blocks of a page, and the commands in its tables, in their order.

    Raises:
        ValueError: A comment reads like a mark and is none.
    """
    name = page.relative_to(ROOT).as_posix()
    return list(parse_blocks(page.read_text('utf-8'), name))


def parse_blocks(text: str, page: str) -> Iterator[Block]:
    """Read a text; see `read_blocks`."""
    marks: dict[str, dict[int, str]] = {}
    in_table, line = False, 1
    for token in MarkdownIt('commonmark').enable('table').parse(text):
        line = token.map[0] + 1 if token.map else line
        if token.type in ('table_open', 'table_close'):
            in_table = token.type == 'table_open'
        if token.type == 'html_block':
            for kind, lines in _read_marks(token.content, f'{page}:{line}').items():
                marks.setdefault(kind, {}).update(lines)
            continue
        if token.type == 'fence':
            language = token.info.split()[0] if token.info.strip() else ''
            skipped = marks.get('not run', {})
            file = marks.get('file', {}).get(0, '')
            status = int(marks.get('status', {}).get(0, 0))
            yield Block(
                page, line, language, token.content, False, skipped, file, status
            )
        elif token.type == 'inline' and in_table:
            yield from _in_cell(token, page, line)
        marks = {}


def _in_cell(token: Token, page: str, line: int) -> Iterator[Block]:
    children = token.children or []
    for child, *behind in (children[n:] for n in range(len(children))):
        if child.type == 'code_inline' and _COMMAND.match(child.content):
            comments = [t.content for t in behind[:2] if t.type == 'html_inline']
            marks = _read_marks(''.join(comments), f'{page}:{line}')
            # A bar is written so in a table.
            text = child.content.replace('\\|', '|')
            yield Block(page, line, 'bash', text, True, marks.get('not run', {}))


def _read_marks(comments: str, place: str) -> dict[str, dict[int, str]]:
    marks: dict[str, dict[int, str]] = {}
    for comment in re.findall('<!--.*?-->', comments, re.S):
        found = _MARK.fullmatch(comment)
        if found is None:
            if re.match(r'<!--\s*(not.run|file|status)\b', comment):
                raise ValueError(f'{place}: no mark that is known: {comment}')
            continue
        first = int(found['first'] or 0)
        for line in range(first, int(found['last'] or first) + 1):
            marks.setdefault(found['kind'].rstrip(': '), {})[line] = found['text']
    return marks


def _without_prompts(block: Block) -> str:
    if not block.is_shell:
        return block.text
    return re.sub(r'^\$ ', '', block.text, flags=re.M)
