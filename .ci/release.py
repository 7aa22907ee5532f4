"""Build what is released, use it as a stranger would, and say what to upload.

    make release
    make release ARGS='--constraint requirements/constraints.txt'

The source distribution is made of the last commit, and the wheel of that. The wheel is
installed in an environment of its own, with the newest versions of what it needs, and
README's first commands are run in another folder. Nothing is uploaded.
"""

import argparse
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRST = (
    ('--version',),
    ('--help',),
    ('synthreid', 'data/synthreid_mini'),
    ('test', 'aanet_r18_synthmini'),
)


def git(root: Path, *words: str) -> str:
    """Ask git about a repository."""
    command = ['git', '-C', str(root), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def read_version(root: Path) -> str:
    """Read the version that the package says it is."""
    text = (root / 'mmreid' / 'version.py').read_text('utf-8')
    return re.findall(r"__version__ = '(.+)'", text)[0]


def find_faults(root: Path) -> list[str]:
    """Say why a repository cannot be released as it is.

    Args:
        root (Path): The repository.

    Returns:
        list[str]: A sentence for each reason.
    """
    version, faults = read_version(root), []
    if git(root, 'status', '--porcelain').strip():
        faults.append('There are changes that are not committed.')
    if git(root, 'tag', '--list', f'v{version}').strip():
        faults.append(f'v{version} is released; raise mmreid/version.py.')
    changes = (root / 'CHANGELOG.md').read_text('utf-8')
    if f'\n## [{version}] - 20' not in changes:
        faults.append(f'CHANGELOG.md has no "## [{version}] - DATE".')
    citation = (root / 'CITATION.cff').read_text('utf-8')
    if f'\nversion: {version}\n' not in citation:
        faults.append(f'CITATION.cff is not of version {version}.')
    return faults


def run(*words: str | Path, cwd: Path | None = None, output: int | None = None) -> None:
    """Show a command, and run it without this clone on its path."""
    print('$', *words, flush=True)
    variables = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'}
    subprocess.run(
        [*map(str, words)], check=True, env=variables, cwd=cwd, stdout=output
    )


def make_environment(folder: Path, *packages: str | Path) -> Path:
    """Make an environment that has some packages.

    Returns:
        Path: The folder of its programs.
    """
    venv.create(folder, with_pip=True)
    run(folder / 'bin' / 'pip', 'install', '--quiet', *packages)
    return folder / 'bin'


def distributions(root: Path) -> tuple[Path, Path]:
    """Name what is built; whole names, since files of other versions may lie beside.

    Returns:
        tuple[Path, Path]: The wheel and the source distribution.
    """
    name = root / 'dist' / f'mmreid-{read_version(root)}'
    return Path(f'{name}-py3-none-any.whl'), Path(f'{name}.tar.gz')


def build(root: Path, folder: Path) -> None:
    """Build both distributions of the last commit, and check their descriptions."""
    needed = ('-r', root / 'requirements' / 'release.txt')
    programs = make_environment(folder / 'tools', *needed)
    archive = subprocess.run(
        ['git', '-C', str(root), 'archive', 'HEAD'], check=True, capture_output=True
    )
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder / 'source', filter='data')
    # What it prints is a line for each of its thousands of files.
    words = ('-m', 'build', '-o', root / 'dist', folder / 'source')
    run(programs / 'python', *words, output=subprocess.DEVNULL)
    run(programs / 'twine', 'check', '--strict', *distributions(root))


def use(wheel: Path, folder: Path, options: Sequence[str]) -> None:
    """Install the wheel in an environment of its own, and begin as README does."""
    programs = make_environment(folder / 'env', *options, wheel)
    here = folder / 'elsewhere'
    here.mkdir()
    for words in FIRST:
        run(programs / 'mmreid', *words, cwd=here)
    run(programs / 'pip', 'check')


def main() -> None:
    """Check, build, use, and print what is left to do."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--constraint', type=Path, help='versions to install with')
    args = parser.parse_args()
    if faults := find_faults(ROOT):
        sys.exit('\n'.join(faults))
    options = ['-c', str(args.constraint.resolve())] if args.constraint else []
    with tempfile.TemporaryDirectory(prefix='mmreid_release_') as name:
        build(ROOT, Path(name))
        use(distributions(ROOT)[0], Path(name), options)
    version = read_version(ROOT)
    print(f'\nmmreid {version} is whole. What is left to do:')
    print(f"  git tag -a v{version} -m 'mmreid {version}'")
    print(f'  git push origin v{version}')
    print('  twine upload', *(path.relative_to(ROOT) for path in distributions(ROOT)))


if __name__ == '__main__':
    main()
