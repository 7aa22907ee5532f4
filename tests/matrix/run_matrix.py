"""Test mmreid with other versions of its libraries; see requirements/matrix.toml."""

import argparse
import datetime
import os
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

from environments import (
    REQUIREMENTS,
    ROOT,
    Combination,
    Environments,
    NotInstallableError,
)
from table import make_row, update_page

PAGE = ROOT / 'docs' / 'reference' / 'versions.md'
# Seconds; on a busy machine the quick tests take ten times as long as on an idle one.
_PATIENCE = 3600


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('names', nargs='*', help='combinations; all when none is named')
    cache = Path(os.environ.get('XDG_CACHE_HOME', Path.home() / '.cache'))
    parser.add_argument(
        '--folder',
        type=Path,
        default=cache / 'mmreid' / 'matrix',
        help='environments, logs and downloaded packages (default: %(default)s)',
    )
    parser.add_argument(
        '--keep', action='store_true', help='keep the environments, one for each Python'
    )
    parser.add_argument(
        '--min-free', type=float, default=15, help='GB to leave on the disk'
    )
    parser.add_argument('--list', action='store_true', help='name the combinations')
    return parser.parse_args()


def read_matrix() -> tuple[dict[str, Any], dict[str, Combination]]:
    """Return what to run and, by name, the combinations."""
    declared = tomllib.loads((REQUIREMENTS / 'matrix.toml').read_text('utf-8'))
    combinations = [Combination(**entry) for entry in declared['combination']]
    return declared['quick'], {entry.name: entry for entry in combinations}


def run_tests(python: Path, quick: dict[str, Any], log: Path) -> str:
    """Run the quick tests with an interpreter and sum them up.

    Args:
        python (Path): The interpreter.
        quick (dict[str, Any]): The tests; ``quick`` of matrix.toml.
        log (Path): Where to write what they print.

    Returns:
        str: 'passes: ...' or 'fails: ...'.
    """
    results = log.with_suffix('.xml')
    results.unlink(missing_ok=True)
    command = [python, '-m', 'pytest', '-q', '-p', 'no:cacheprovider']
    command += ['--continue-on-collection-errors', '--durations', '20']
    command += ['--junitxml', results, '-k', quick['without'], *quick['tests']]
    environ = {**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONPATH': str(ROOT)}
    # Compiling torch's modules anew in every process takes longer than the tests.
    environ.pop('PYTHONDONTWRITEBYTECODE', None)
    with log.open('w') as file:
        try:
            subprocess.run(
                list(map(str, command)),
                cwd=ROOT,
                env=environ,
                stdout=file,
                stderr=subprocess.STDOUT,
                timeout=_PATIENCE,
            )
        except subprocess.TimeoutExpired:
            return f'fails: not done after {_PATIENCE // 60} minutes'
    return sum_up(results.read_text('utf-8')) if results.exists() else _last_line(log)


def sum_up(results: str) -> str:
    """Say in a sentence what a file of pytest's results tells."""
    suite = next(ElementTree.fromstring(results).iter('testsuite'))
    count = {key: int(suite.get(key, 0)) for key in ('tests', 'skipped')}
    run = count['tests'] - count['skipped']
    failed = [
        '::'.join(filter(None, (case.get('classname'), case.get('name'))))
        for case in suite.iter('testcase')
        if case.find('failure') is not None or case.find('error') is not None
    ]
    if not failed:
        return f'passes: {run} tests' if run else 'fails: no test ran'
    return f'fails: {len(failed)} of {run} tests, first `{failed[0]}`'


def _last_line(log: Path) -> str:
    lines = log.read_text('utf-8', errors='replace').strip().splitlines()
    # pytest puts an E before the line of an error.
    return f'fails: {lines[-1].removeprefix("E").strip() if lines else "no output"}'


def check_combination(
    combination: Combination, environments: Environments, quick: dict[str, Any]
) -> list[str]:
    """Install a combination, run the tests and return its row of the table."""
    versions = {}
    try:
        python = environments.make(combination, quick['packages'])
        versions = environments.list_versions(python)
        log = environments.folder / f'{combination.name}.txt'
        result = run_tests(python, quick, log)
    except NotInstallableError as error:
        result = f'cannot be installed: {error}'
    if combination.breaks and not result.startswith('passes'):
        result = f'{result}; known: {combination.breaks}'
    today = datetime.date.today().isoformat()
    return make_row(combination.name, versions, result, today)


def main(arguments: argparse.Namespace) -> int:
    """Test what was asked for; return the number of failures that were not known."""
    quick, combinations = read_matrix()
    if arguments.list:
        print(*combinations, sep='\n')
        return 0
    unknown = [name for name in arguments.names if name not in combinations]
    if unknown:
        print(f'no such combination: {unknown}; there are {[*combinations]}')
        return 2
    environments = Environments(arguments.folder, arguments.min_free)
    failures = 0
    chosen = [combinations[name] for name in arguments.names or combinations]
    for place, combination in enumerate(chosen):
        row = check_combination(combination, environments, quick)
        print(*row, sep=' | ', flush=True)
        # At once: the next one may take the machine's last memory.
        PAGE.write_text(update_page(PAGE.read_text('utf-8'), [row], [*combinations]))
        failures += row[-2].startswith('fails') and not combination.breaks
        later = {entry.python for entry in chosen[place + 1 :]}
        if not arguments.keep and combination.python not in later:
            environments.remove(combination)
    return failures


if __name__ == '__main__':
    sys.exit(main(parse_arguments()))
