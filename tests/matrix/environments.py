"""Environments with chosen versions, made by uv, and what is installed there."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / 'requirements'
_GIGABYTE = 10**9


@dataclass(frozen=True)
class Combination:
    """Versions that are tested together; see ``requirements/matrix.toml``.

    Args:
        name (str): What it is called in the table.
        python (str): Version of Python, such as '3.12'.
        constraints (str): File of ``requirements/`` that holds versions; '' for the
            newest. Defaults to ''.
        pins (Sequence[str]): Single requirements on top. Defaults to ().
        breaks (str): Why it is known to fail; '' where it must pass. Defaults to ''.
    """

    name: str
    python: str
    constraints: str = ''
    pins: Sequence[str] = ()
    breaks: str = ''


class NotInstallableError(Exception):
    """The versions cannot be had together here; the message says why."""


class Environments:
    """An environment for each version of Python, in a folder outside the repository.

    Combinations of one Python take turns in it: packages that the next one has too
    stay, with their compiled modules, and all others leave. uv links packages from its
    cache, so that the environments share one copy.

    Args:
        folder (Path): Of the environments, their logs and, unless ``UV_CACHE_DIR`` is
            set, the cache of packages.
        min_free (float): Gigabytes to leave on the disk. Below, the cache is emptied,
            and if that does not help, nothing is installed. Defaults to 15.
    """

    def __init__(self, folder: Path, min_free: float = 15) -> None:
        self.folder = folder
        self._min_free = min_free
        self._uv = shutil.which('uv') or shutil.which(
            'uv', path=Path(sys.executable).parent
        )
        if self._uv is None:
            raise FileNotFoundError('uv makes the environments: pip install uv')
        cache = os.environ.get('UV_CACHE_DIR', str(folder / 'uv'))
        self._environ = os.environ | {'UV_CACHE_DIR': cache}

    def make(self, combination: Combination, packages: Sequence[str]) -> Path:
        """Install a combination.

        Args:
            combination (Combination): The versions.
            packages (Sequence[str]): What is needed beside ``runtime.txt``.

        Returns:
            Path: Its interpreter.

        Raises:
            NotInstallableError: There is no such Python, or no such versions.
        """
        self._make_room()
        place = self._place(combination)
        python = place / 'bin' / 'python'
        if not python.exists():
            self._run('venv', '--clear', '--python', combination.python, place)
        words = ['-r', REQUIREMENTS / 'runtime.txt', *packages, *combination.pins]
        if combination.constraints:
            words += ['-c', REQUIREMENTS / combination.constraints]
        self._run('pip', 'install', '--exact', '--python', python, *words)
        return python

    def list_versions(self, python: Path) -> Mapping[str, str]:
        """Return the version of every package of an environment, and Python's."""
        listed = self._run('pip', 'list', '--format', 'json', '--python', python)
        versions = {entry['name']: entry['version'] for entry in json.loads(listed)}
        code = 'import platform; print(platform.python_version())'
        told = subprocess.run([python, '-c', code], capture_output=True, text=True)
        return {**versions, 'python': told.stdout.strip()}

    def remove(self, combination: Combination) -> None:
        """Delete the environment of its Python; packages stay in the cache."""
        shutil.rmtree(self._place(combination), ignore_errors=True)

    def _place(self, combination: Combination) -> Path:
        return self.folder / f'python{combination.python}'

    def _make_room(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._free() < self._min_free:
            self._run('cache', 'clean')
        if self._free() < self._min_free:
            raise NotInstallableError(
                f'{self._free():.0f} GB are free on the disk, and {self._min_free:.0f} '
                'GB are to be left'
            )

    def _free(self) -> float:
        return shutil.disk_usage(self.folder).free / _GIGABYTE

    def _run(self, *words: str | Path) -> str:
        """Run uv; what it complains of is the reason."""
        command = [str(self._uv), *map(str, words)]
        done = subprocess.run(
            command, capture_output=True, text=True, env=self._environ
        )
        if done.returncode:
            raise NotInstallableError(_sentence(done.stderr))
        return done.stdout


def _sentence(complaint: str) -> str:
    """Put what uv says into one line, without its drawing."""
    words = complaint.encode('ascii', 'ignore').decode().split()
    return ' '.join(words)[:300]
