"""Render SynthReID-mini, train AANet on it, test it, and show what it learned.

Runs the commands that a user would type, and prints each of them.
"""

import json
import shlex
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

from mmreid.cli.command import command

CONFIG = 'aanet/aanet_r18_synthmini.py'
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
    with subprocess.Popen([sys.executable, *program, *words], cwd=clone) as child:
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


@command
def main() -> None:
    """Run the demonstration."""
    # A user of tools/demo.py has a clone, and perhaps nothing installed.
    root = Path(__file__).resolve().parents[2]
    clone = root if sys.argv[0].endswith('demo.py') else None
    parser = make_parser()
    args = parser.parse_args()
    work_dir = Path(args.work_dir).expanduser()
    names = ('untrained', 'colour histogram', 'trained')
    results = {name: work_dir / f'{name.replace(" ", "_")}.json' for name in names}

    def test(name: str, *words: str) -> None:
        out = ('--work-dir', str(work_dir / 'logs'), '--out', str(results[name]))
        start(clone, 'test', *words, *out)

    try:
        start(clone, 'synthreid', DATA, '--size', 'mini')
        test('untrained', CONFIG)
        test('colour histogram', HISTOGRAM)
        start(clone, 'train', CONFIG, '--work-dir', str(work_dir))
        here = clone or Path()
        checkpoint = (here / work_dir / 'last_checkpoint').read_text('utf-8')
        test('trained', CONFIG, checkpoint, '--show-dir', str(work_dir))
    except subprocess.CalledProcessError as error:
        # The command has said why.
        parser.exit(error.returncode if error.returncode > 0 else 2)

    print('\nSynthReID-mini, single query, cosine distance, in percent:\n')
    print(table({name: here / file for name, file in results.items()}))
    print(f'\nQueries with their first ten answers: {work_dir / "ranks.jpg"}')
