"""Run a tool in this process."""

import importlib.util
import itertools
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from preloaded import run_program

# Those that tools/train.py handles.
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)
_counter = itertools.count()
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def load_tool() -> Callable[[str], ModuleType]:
    """Import a tool under another name: python has a module `test` of its own."""

    def load(name: str) -> ModuleType:
        path = ROOT / 'tools' / f'{name}.py'
        spec = importlib.util.spec_from_file_location(f'tool_{name}', path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture
def run_starter(
    load_tool: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> Callable[..., subprocess.CompletedProcess]:
    """Run a tool here, and the programs that it starts in preloaded processes."""
    start = subprocess.run

    def start_preloaded(
        command: list[str], *, env: dict[str, str] | None = None, **options: Any
    ) -> subprocess.CompletedProcess:
        if command[0] != sys.executable:
            return start(command, env=env, **options)
        done = run_program(command[1:], environment=env)
        done.check_returncode()
        return done

    def run(name: str, words: list[str]) -> subprocess.CompletedProcess:
        tool = load_tool(name)
        monkeypatch.setattr(subprocess, 'run', start_preloaded)
        monkeypatch.setattr(sys, 'argv', [f'{name}.py', *words])
        monkeypatch.setattr(sys, 'path', list(sys.path))
        status: Any = 0
        try:
            tool.main()
        except SystemExit as ended:
            status = ended.code
        output = capsys.readouterr()
        return subprocess.CompletedProcess([], status, output.out, output.err)

    return run


@pytest.fixture
def run_tool(
    load_tool: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., None]]:
    """Run a tool's `main` with the given command line."""

    def run(name: str, *arguments: object) -> None:
        # Runners of one process share their log by the name of the experiment.
        options = ['--cfg-options', f'experiment_name=tool_{next(_counter)}']
        words = [f'{name}.py', *map(str, arguments), *options]
        monkeypatch.setattr(sys, 'argv', words)
        monkeypatch.setattr(sys, 'path', list(sys.path))
        monkeypatch.setenv('LOCAL_RANK', '0')
        load_tool(name).main()

    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)
