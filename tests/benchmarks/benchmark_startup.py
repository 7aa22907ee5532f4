"""Print how long the package and its command take before they do anything.

    python tests/benchmarks/benchmark_startup.py
    python tests/benchmarks/benchmark_startup.py --runs 21 --commands

For ``import mmreid``, ``mmreid --help`` and, with ``--commands``, ``mmreid COMMAND
--help`` of every command: the medians of several new processes, in seconds on the clock
and of the processor, each with how many times that of a Python that does nothing, which
is measured in turns with it. Other load is in both, and most of it in the clock's.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time

from mmreid.cli.main import COMMANDS

NOTHING = ('-c', 'pass')


def measure(words: tuple[str, ...]) -> tuple[float, float]:
    """Return the seconds of a process, on the clock and of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    clock = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return clock, spent


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--runs', type=int, default=11)
    parser.add_argument('--commands', action='store_true')
    args = parser.parse_args()
    cases = {
        'import mmreid': ('-c', 'import mmreid'),
        'mmreid --help': ('-m', 'mmreid', '--help'),
    }
    for name in COMMANDS if args.commands else ():
        cases[f'mmreid {name} --help'] = ('-m', 'mmreid', name, '--help')
    print(f'{"":36}{"clock":>9}{"ratio":>7}{"processor":>12}{"ratio":>7}')
    for name, words in cases.items():
        measure(words)  # what is compiled once is not counted
        runs = [(*measure(words), *measure(NOTHING)) for _ in range(args.runs)]
        clock, spent, bare, idle = map(statistics.median, zip(*runs, strict=True))
        cells = f'{clock:8.3f}s{clock / bare:7.1f}{spent:11.3f}s{spent / idle:7.1f}'
        print(f'{name:36}{cells}', flush=True)


if __name__ == '__main__':
    main()
