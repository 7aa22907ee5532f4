"""What is checked of every block, also of those that are not run.

Commands are read by the parsers of their programs, options of configs by these
configs; Python must be Python, and what it imports of mmreid must be there.
"""

import argparse
import ast
import contextlib
import importlib
import inspect
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from mmengine.config import Config
from mmengine.registry import Registry
from page_blocks import REASON, ROOT, Block
from page_commands import expand_commands, find_module
from page_folders import put_words

from mmreid import registry
from mmreid.apis import config_path
from mmreid.engine import read_config

#: What commands write, and take for a model.
_FILES = ('.pth', '.pt', '.safetensors', '.onnx', '.xml', '.pt2', '.bin')


def check_block(block: Block, folder: Path) -> list[str]:
    """Say what is wrong with a block.

    Args:
        block (Block): Of a page.
        folder (Path): That looks like the root of the repository; files which the page
            has written before are there.

    Returns:
        list[str]: A sentence for each fault, with its place.
    """
    faults = [
        f'"{reason}" is no reason that is known: {REASON.pattern}'
        for reason in {*block.not_run.values()}
        if not REASON.fullmatch(reason)
    ]
    lines = block.text.count('\n') + block.in_table
    if max(block.not_run, default=0) > lines:
        faults.append(f'there is no line {max(block.not_run)}')
    with contextlib.chdir(folder):
        write_file(block)
        faults += check_content(block, folder)
    return [f'{block.place}: {fault}' for fault in faults]


def check_content(block: Block, folder: Path) -> Iterator[str]:
    """Say what is wrong with the code of a block."""
    if block.language == 'python':
        yield from check_python(put_words(block.whole_text(), block.page), block.file)
    elif block.is_shell:
        try:
            text = put_words(block.whole_text(), block.page)
            commands = expand_commands(text, folder)
        except ValueError as error:
            yield str(error)
            return
        for words in filter(None, commands):
            yield from (
                f'{shlex.join(words)}: {fault}' for fault in check_command(words)
            )
    elif re.search(r'^(\$ )?(mmreid|python) \w', block.text, re.M):
        yield 'it holds commands: write "bash" behind the fence.'


def write_file(block: Block) -> None:
    """Write a block to the file that its page names, if any."""
    if block.file:
        path = Path(block.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(put_words(block.text, block.page), 'utf-8')


def check_python(text: str, file: str) -> Iterator[str]:
    """Say what is wrong with Python code, or with a config."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        yield f'it is no Python: {error}'
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from _missing_names(node.module, [name.name for name in node.names])
    if is_config(text):
        try:
            read_config(config_file(text, file))
        except Exception as error:
            yield f'it is no config: {error!r}'


def _missing_names(module: str, names: list[str]) -> Iterator[str]:
    if module.split('.')[0] == 'mmreid':
        try:
            found = importlib.import_module(module)
        except ImportError as error:
            yield f'it imports what is not there: {error}'
            return
        missing = [name for name in names if not hasattr(found, name)]
        yield from (f'{module} has no {name}' for name in missing)


def is_config(text: str) -> bool:
    return bool(re.search('^_base_ = ', text, re.M))


def config_file(text: str, file: str) -> Path:
    """Write the config of a block to a file, if its page does not say to which.

    Bases are found from where the page's reader has it: the root of the repository, or
    the place that its first line tells.
    """
    if file:
        return Path(file)
    said = re.match(r'# (configs/\S+\.py)$', text, re.M)
    folder = Path(said[1]).parent if said else Path()
    text = re.sub(r"'(\.\.?/.*?)'", lambda base: repr(str(folder / base[1])), text)
    path = Path('config_of_the_page.py')
    path.write_text(text, 'utf-8')
    return path


def check_command(words: list[str]) -> Iterator[str]:
    """Say what is wrong with a command."""
    if '-m' in words[1:] and words[words.index('-m') + 1 :][:1] == ['mmreid']:
        words = words[words.index('-m') + 1 :]  # torchrun's, or of "mmreid launch"
    if words[0] == 'make':
        targets = re.findall(r'^(\w+):', (ROOT / 'Makefile').read_text('utf-8'), re.M)
        wanted = [word for word in words[1:] if '=' not in word]
        yield from (f'no target {word}' for word in wanted if word not in targets)
        return
    try:
        found = find_module(words)
    except ValueError as error:
        yield str(error)
        return
    if found is not None:
        parser = importlib.import_module(found[0]).make_parser()
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
                args = _parse(parser, found[1])
        except SystemExit as ended:
            if ended.code:
                yield said.getvalue().splitlines()[-1]
            return
        yield from check_names(args)


def _parse(parser: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    """Parse words, as if the files that some name were there."""
    with mock.patch.object(Path, 'exists', return_value=True):
        return parser.parse_args(words)


def check_names(args: argparse.Namespace) -> Iterator[str]:
    """Say which configs are not there, and which options do not fit theirs."""
    given = [getattr(args, name, None) for name in ('config', 'model', 'configs')]
    listed = [value if isinstance(value, list) else [value] for value in given if value]
    options = getattr(args, 'cfg_options', None) or []
    for word in (str(word) for words in listed for word in words):
        if word.endswith(_FILES):
            continue
        try:
            path = config_path(word)
            if word.endswith('.py') or options:
                config = read_config(path, options)
                yield from (fault for key in options for fault in _unread(config, key))
        except (OSError, ValueError) as error:
            yield str(error)
        except ImportError as error:
            # A file of the page, which would register its brick for all other tests.
            if 'custom modules' not in str(error):
                yield str(error)


def _unread(config: Config, option: str) -> Iterator[str]:
    """Say so if an option is an argument that its type does not have."""
    *above, last = option.partition('=')[0].split('.')
    node: Any = config
    for word in above:
        node = node[int(word)] if isinstance(node, list) else node.get(word, {})
    if isinstance(node, dict) and isinstance(node.get('type'), str):
        known = set(_arguments_of(node['type']))
        if known and last not in known | {'type', '_delete_'}:
            yield f'{node["type"]} has no argument {last}.'


def _arguments_of(name: str) -> Iterator[str]:
    """The arguments of a registered class, those that it hands to its parents too."""
    registries = (r for r in vars(registry).values() if isinstance(r, Registry))
    found = next(filter(None, (r.get(name) for r in registries)), None)
    for kind in getattr(found, '__mro__', ()):
        if '__init__' in vars(kind):
            parameters = inspect.signature(kind.__init__).parameters.values()
            yield from (parameter.name for parameter in parameters)
            if not any(p.kind is p.VAR_KEYWORD for p in parameters):
                return
