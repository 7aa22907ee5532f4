"""The package as it is installed, in an environment of its own."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PARTS = ('mmreid', 'configs', 'requirements')
_FILES = ('setup.py', 'pyproject.toml', 'README.md', 'model-index.yml')


def install_wheel(folder: Path) -> Path:
    """Make a wheel and an environment, and install the wheel alone into it.

    Returns:
        Path: The environment's folder of packages.
    """
    source, env = folder / 'source', folder / 'env'
    for name in _PARTS:
        shutil.copytree(ROOT / name, source / name)
    for name in _FILES:
        shutil.copy2(ROOT / name, source)
    venv.create(env)
    pip = [sys.executable, '-m', 'pip', '--disable-pip-version-check']
    wheel = [*pip, 'wheel', '-q', '--no-deps', '--no-build-isolation']
    install = [*pip, '--python', env / 'bin' / 'python', 'install', '-q', '--no-deps']
    # Else pip finds this clone and installs nothing.
    variables = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'}
    subprocess.run([*wheel, '-w', folder, source], check=True, env=variables)
    files = [*folder.glob('*.whl')]
    subprocess.run([*install, '--ignore-installed', *files], check=True, env=variables)
    return next(env.glob('lib/python*/site-packages'))
