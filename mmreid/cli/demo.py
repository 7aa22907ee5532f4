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

ROOT = Path(__file__).resolve().parents[2]
CONFIG = 'configs/aanet/aanet_r18_synthmini.py'
HISTOGRAM = 'configs/color_histogram/color_histogram_synthmini.py'
DATA = 'data/synthreid_mini'
METRICS = ('mAP', 'mINP', 'R1', 'R5', 'R10')


def make_parser() -> ArgumentParser:
    """Declare the command line, importing nothing heavy."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument('--work-dir', default='work_dirs/demo', help='for all results')
    return parser


def run(*words: str) -> None:
    """Show a command and run it in the root of the repository."""
    print('\n$ python ' + shlex.join(words), flush=True)
    subprocess.run([sys.executable, *words], check=True, cwd=ROOT)


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
    work_dir = Path(make_parser().parse_args().work_dir).expanduser()
    names = ('untrained', 'colour histogram', 'trained')
    results = {name: work_dir / f'{name.replace(" ", "_")}.json' for name in names}

    def test(name: str, *words: str) -> None:
        out = ('--work-dir', str(work_dir / 'logs'), '--out', str(results[name]))
        run('tools/test.py', *words, *out)

    run('tools/dataset_converters/make_synthreid.py', DATA, '--size', 'mini')
    test('untrained', CONFIG)
    test('colour histogram', HISTOGRAM)
    run('tools/train.py', CONFIG, '--work-dir', str(work_dir))
    checkpoint = (ROOT / work_dir / 'last_checkpoint').read_text('utf-8')
    test('trained', CONFIG, checkpoint, '--show-dir', str(work_dir))

    print('\nSynthReID-mini, single query, cosine distance, in percent:\n')
    print(table({name: ROOT / file for name, file in results.items()}))
    print(f'\nQueries with their first ten answers: {work_dir / "ranks.jpg"}')
