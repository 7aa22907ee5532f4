"""The package as it is built and installed, in an environment of its own."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: What the package is built from.
_PARTS = ('mmreid', 'configs', 'requirements')
_FILES = (
    'setup.py',
    'pyproject.toml',
    'MANIFEST.in',
    'README.md',
    'CHANGELOG.md',
    'CITATION.cff',
    'SECURITY.md',
    'LICENSE',
    'model-index.yml',
)
_BUILD = 'import sys, setuptools.build_meta as b; getattr(b, sys.argv[1])(sys.argv[2])'


def copy_source(folder: Path) -> Path:
    """Copy what the package is built from, without what Python has compiled.

    Returns:
        Path: The copy.
    """
    for name in _PARTS:
        ignored = shutil.ignore_patterns('__pycache__')
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in _FILES:
        shutil.copy2(ROOT / name, folder)
    return folder


def build(kind: str, source: Path, folder: Path, **options) -> Path:
    """Build a ``'wheel'`` or a ``'sdist'`` as pip does, of what is installed here.

    Returns:
        Path: The file.
    """
    folder.mkdir(exist_ok=True)
    before = {*folder.iterdir()}
    command = [sys.executable, '-c', _BUILD, f'build_{kind}', str(folder)]
    options = dict(check=True, capture_output=True, env=variables()) | options
    subprocess.run(command, cwd=source, **options)
    (made,) = {*folder.iterdir()} - before
    return made


def variables() -> dict[str, str]:
    """The environment without this clone, which would be found before a wheel."""
    return {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'}


def install(wheel: Path, env: Path) -> Path:
    """Make an environment with a wheel alone, without what it needs.

    Returns:
        Path: The environment's folder of packages.
    """
    venv.create(env)
    pip = [sys.executable, '-m', 'pip', '--disable-pip-version-check']
    pip += ['--python', env / 'bin' / 'python', 'install', '-q', '--no-deps']
    subprocess.run([*pip, '--ignore-installed', wheel], check=True, env=variables())
    return next(env.glob('lib/python*/site-packages'))


def install_wheel(folder: Path) -> Path:
    """Build a wheel and install it, see `install`; the environment is in ``env``."""
    (folder / 'source').mkdir()
    source = copy_source(folder / 'source')
    return install(build('wheel', source, folder / 'dist'), folder / 'env')
