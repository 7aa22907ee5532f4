"""Render SynthReID-mini, train AANet on it, test it, and show what it learned.

Runs the commands that a user would type, prints each of them, and says how long it
will take: before it starts and before each command.
"""

import json
import os
import shlex
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path

from mmreid.cli.command import command
from mmreid.cli.demo_time import Timetable, in_words, measure_slowness
from mmreid.processors import count_processors

CONFIG = 'aanet/aanet_r18_synthmini_96x48.py'
HISTOGRAM = 'color_histogram/color_histogram_synthmini.py'
DATA = 'data/synthreid_mini'
# Commands in a clone, from its root.
TOOLS = dict(synthreid='tools/dataset_converters/make_synthreid.py')
METRICS = ('mAP', 'mINP', 'R1', 'R5', 'R10')


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument('--work-dir', default='work_dirs/demo', help='for all results')
    return parser


def seconds_of_parts() -> dict[str, float]:
    """Tell how long the parts take in float32 on free cores of an AMD EPYC (Zen 5).

    Returns:
        dict[str, float]: Part -> seconds. All but the first work on one core.
    """
    return {
        'synthreid': 32 / count_processors(),
        'untrained': 16,
        'colour histogram': 12,
        'train': 215,
        'trained': 20,
    }


def environment(of: Mapping[str, str]) -> dict[str, str]:
    """Choose the threads of the commands.

    Several threads of a network this small wait for one another for most of the time,
    and for all of it where other programs want the cores.

    Args:
        of (Mapping[str, str]): The variables of this program; what its user has chosen
            is kept.

    Returns:
        dict[str, str]: Those of the commands.
    """
    return {'OMP_NUM_THREADS': '1', **of}


def start(clone: Path | None, name: str, *words: str) -> None:
    """Show a command and run it.

    Args:
        clone (Path | None): The root of a clone whose tools are run there; None for
            the command ``mmreid``, here.
        name (str): Of the command.
        *words (str): Its arguments.
    """
    if clone is None:
        program, shown = ['-m', 'mmreid', name], f'mmreid {name}'
    else:
        words = tuple(
            f'configs/{word}' if word in (CONFIG, HISTOGRAM) else word for word in words
        )
        program = [TOOLS.get(name, f'tools/{name}.py')]
        shown = f'python {program[0]}'
    print(f'\n$ {shown} {shlex.join(words)}', flush=True)
    call, variables = [sys.executable, *program, *words], environment(os.environ)
    with subprocess.Popen(call, cwd=clone, env=variables) as child:
        try:
            status = child.wait()
        except KeyboardInterrupt:
            child.wait()  # a training saves first
            raise KeyboardInterrupt(
                'what is finished is kept; the same command begins again.'
            ) from None
    if status:
        raise subprocess.CalledProcessError(status, name)


def table(results: dict[str, Path]) -> str:
    """Lay out the metrics of several result files, in percent."""
    from mmreid.text_tables import format_table

    rows = [['', *METRICS]]
    for title, file in results.items():
        values = json.loads(file.read_text('utf-8'))
        rows.append([title, *(f'{values[f"reid/{name}"]:.1f}' for name in METRICS)])
    return format_table(rows)


def run_timed(parts: Mapping[str, Callable[[], None]]) -> None:
    """Do one part after the other, each after a line that says how long it will take.

    Args:
        parts (Mapping[str, Callable[[], None]]): Name, of :func:`seconds_of_parts`,
            -> what does it.
    """
    times = Timetable(seconds_of_parts(), measure_slowness())
    whole = in_words(times.left())
    print(f'This will take about {whole}, with the machine as busy as it is now.')
    for number, (name, do) in enumerate(parts.items(), 1):
        own, left = in_words(times.left(name)), in_words(times.left())
        print(f'\n[{number} of {len(parts)}] about {own}; until the end {left}')
        do()
        times.finish(name)
    print(f'\nIt took {in_words(times.passed())}.')


@command
def main() -> None:
    """Run the demonstration."""
    # A user of tools/demo.py has a clone, and perhaps nothing installed.
    root = Path(__file__).resolve().parents[2]
    clone = root if sys.argv[0].endswith('demo.py') else None
    parser = make_parser()
    args = parser.parse_args()
    work_dir = Path(args.work_dir).expanduser()
    here = clone or Path()
    names = ('untrained', 'colour histogram', 'trained')
    results = {name: work_dir / f'{name.replace(" ", "_")}.json' for name in names}

    def test(name: str, *words: str) -> None:
        out = ('--work-dir', str(work_dir / 'logs'), '--out', str(results[name]))
        start(clone, 'test', *words, *out)

    def train() -> None:
        start(clone, 'train', CONFIG, '--work-dir', str(work_dir))

    def test_trained() -> None:
        checkpoint = (here / work_dir / 'last_checkpoint').read_text('utf-8')
        test('trained', CONFIG, checkpoint, '--show-dir', str(work_dir))

    parts = {
        'synthreid': lambda: start(clone, 'synthreid', DATA, '--size', 'mini'),
        'untrained': lambda: test('untrained', CONFIG),
        'colour histogram': lambda: test('colour histogram', HISTOGRAM),
        'train': train,
        'trained': test_trained,
    }
    try:
        run_timed(parts)
    except subprocess.CalledProcessError as error:
        # The command has said why.
        parser.exit(error.returncode if error.returncode > 0 else 2)

    print('\nSynthReID-mini, single query, cosine distance, in percent:\n')
    print(table({name: here / file for name, file in results.items()}))
    print(f'\nQueries with their first ten answers: {work_dir / "ranks.jpg"}')
