"""Render SynthReID-mini, train AANet on it, test it, and show what it learned.

Runs the commands that a user would type, and prints each of them.
"""

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONFIG = 'configs/aanet/aanet_r18_synthmini.py'
HISTOGRAM = 'configs/color_histogram/color_histogram_synthmini.py'
DATA = 'data/synthreid_mini'
METRICS = ('mAP', 'mINP', 'R1', 'R5', 'R10')


def run(*words: str) -> None:
    """Show a command and run it in the root of the repository."""
    print('\n$ python ' + shlex.join(words), flush=True)
    subprocess.run([sys.executable, *words], check=True, cwd=ROOT)


def table(results: dict[str, Path]) -> str:
    """Lay out the metrics of several result files, in percent."""
    lines = [' ' * 18 + ''.join(f'{name:>8}' for name in METRICS)]
    for title, file in results.items():
        values = json.loads(file.read_text('utf-8'))
        cells = ''.join(f'{values[f"reid/{name}"]:8.1f}' for name in METRICS)
        lines.append(f'{title:18}{cells}')
    return '\n'.join(lines)


def main() -> None:
    """Run the demonstration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--work-dir', default='work_dirs/demo', help='for all results')
    work_dir = Path(parser.parse_args().work_dir).expanduser()
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


if __name__ == '__main__':
    main()
