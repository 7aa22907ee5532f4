"""Run the blocks of a page in their order, in a process of their own."""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from block_checks import config_file, is_config, write_file
from page_blocks import Block
from page_folders import NAMES, PAGES, make_clone, put_words, take
from page_recipes import SMALL
from preloaded import CONTEXT
from warm_commands import warm_shell

from mmreid.datasets.synthetic import SIZES

#: Seconds; only ends a page that would hang, before pytest ends the whole run.
PATIENCE = 850


def run_page(
    blocks: Sequence[Block], folder: Path, cupboard: Path, patient: bool = False
) -> tuple[int | None, str]:
    """Run the blocks of one page.

    Args:
        blocks (Sequence[Block]): Of the page.
        folder (Path): An empty one.
        cupboard (Path): What several pages take to be there.
        patient (bool): Whether to run what takes minutes. Defaults to False.

    Returns:
        tuple: The exit status, None where it did not end, and what was printed.
    """
    log = folder / 'log'
    process = CONTEXT.Process(
        target=_run, args=(list(blocks), folder, cupboard, patient, log)
    )
    process.start()
    process.join(PATIENCE)
    if process.exitcode is None:
        os.killpg(process.pid, 9)
    return process.exitcode, log.read_text('utf-8', 'replace')


def _run(
    blocks: list[Block], folder: Path, cupboard: Path, patient: bool, log: Path
) -> None:
    os.setsid()
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    SIZES['mini'] = SMALL
    clone = folder / 'clone'
    make_clone(clone)
    page = blocks[0].page
    # A short path: that of a socket has 108 bytes at most.
    with tempfile.TemporaryDirectory() as programs, warm_shell(Path(programs)) as found:
        os.environ.update(found, HOME=str(folder))
        os.environ.setdefault(
            'MPLCONFIGDIR', str(Path('~/.cache/matplotlib').expanduser())
        )
        for name in PAGES.get(page, ()):
            take(name, cupboard, clone)
        os.chdir(clone)
        names: dict[str, Any] = {}
        exec(put_words(NAMES.get(page, ''), page), names)
        for block in blocks:
            if block.in_table:
                continue  # an example, of which the reader has other files
            _run_block(block, names, patient)


def _run_block(block: Block, names: dict[str, Any], patient: bool) -> None:
    text = put_words(block.run_text(patient), block.page)
    write_file(block)
    if not text.strip():
        return
    print(f'--- {block.place}\n{text}', flush=True)
    if block.is_shell:
        run_shell(text, Path.cwd(), block.status)
    elif block.language == 'python' and is_config(text):
        # In a program of its own, since bricks of a name are registered once.
        path = config_file(text, block.file)
        run_shell(f'python tests/docs/build_network.py {path}', Path.cwd())
    elif block.language == 'python' and not block.file:
        exec(compile(text, block.place, 'exec'), names)


def run_shell(text: str, folder: Path, status: int = 0) -> None:
    """Run a script of bash, which ends with its first command that fails.

    Args:
        text (str): The script.
        folder (Path): Where it runs.
        status (int): That is right. Defaults to 0.

    Raises:
        CalledProcessError: It ended with another status.
    """
    script = ['bash', '-e', '-o', 'pipefail', '-c', text]
    ended = subprocess.run(script, cwd=folder, stdin=subprocess.DEVNULL)
    if ended.returncode != status:
        raise subprocess.CalledProcessError(ended.returncode, text)
