"""Print what training without labels makes of a model that meets other cameras.

    python tests/benchmarks/benchmark_adaptation.py FOLDER

For every seed two data sets of SynthReID-mini are drawn, A and B, of other persons and
places. Of A the pictures of cameras 1 to 3 are taken, of B those of 4 to 6, which see
from other heights and have other light and colours. A small BoT is trained on A with
its labels (``before``), goes on on B without labels (``after``), and another one is
trained on B with labels (``supervised``). All three are tested on B. What has been done
in FOLDER is not done again, and a training that was ended goes on. One thread, no
worker processes.

``--try`` does a step of everything, to see whether it runs.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import torch

from mmreid.datasets.synthetic import render_synthreid
from mmreid.engine import build_runner, read_config, use_checkpoint
from mmreid.text_tables import format_table

ROOT = Path(__file__).resolve().parents[2]
SUPERVISED = ROOT / 'configs/bot/bot_r18_synthmini.py'
WITHOUT_LABELS = ROOT / 'configs/cluster_contrast/uda-bot_r18_synthmini.py'
METRICS = ('mAP', 'R1')
# What the first and the last clustering are told by -> digits that are printed.
CLUSTERS = dict(clusters=0, cluster_noise=2, cluster_adjusted_rand=2)
WAYS = ('before', 'after', 'supervised')


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('folder', type=Path)
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--try', action='store_true', dest='trying')
    parser.add_argument('--cfg-options', nargs='+', default=[], help='of the second')
    return parser.parse_args()


def render(folder: Path, seed: int, cameras: str) -> Path:
    """Draw a data set and keep the pictures of some cameras, unless they are there."""
    if folder.exists():
        return folder
    whole = folder.with_name(f'{folder.name}.whole')
    render_synthreid(whole, 'mini', seed=seed, num_workers=1)
    part = folder.with_name(f'{folder.name}.part')
    shutil.rmtree(part, ignore_errors=True)
    for path in whole.glob('*/*.jpg'):
        if re.search(f'_c[{cameras}]s', path.name):
            kept = part / path.relative_to(whole)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, kept)
    part.rename(folder)
    return folder


def settings(train: Path, test: Path, seed: int, prefix: str = '') -> Iterator[str]:
    """Name what differs from the config's own values."""
    roots = dict(train=train, val=test, test=test)
    for name, root in roots.items():
        dataset = f'{name}_dataloader.dataset.'
        if name == 'train':
            dataset += prefix
        yield f'{name}_dataloader.num_workers=0'
        yield f'{dataset}data_root={root}'
        # A part of the data set has other numbers, which no manifest tells.
        yield f'{dataset}check=False'
    yield f'randomness.seed={seed}'
    yield 'train_dataloader.sampler.num_batches=40'
    yield 'train_cfg.val_interval=1000'  # the last epoch is validated anyway


def train(config: Path, options: list[str], folder: Path) -> dict:
    """Train, or go on; return what the test says of the last epoch."""
    known = folder / 'result.json'
    if known.exists():
        return json.loads(known.read_text('utf-8'))
    cfg = read_config(str(config), options, str(folder))
    # Unlike the name of a second, another one for every training.
    cfg.experiment_name = f'{folder.parent.name}-{folder.name}-{time.time_ns()}'
    use_checkpoint(cfg, 'auto')  # where there is none, load_from stays
    runner = build_runner(cfg)
    started = time.monotonic()
    runner.train()
    scalars = runner.message_hub.log_scalars
    result = {name: float(scalars[f'val/reid/{name}'].current()) for name in METRICS}
    for name in CLUSTERS:
        if f'train/{name}' in scalars:
            values = scalars[f'train/{name}'].data[0]
            result[name] = [float(values[0]), float(values[-1])]
    result['minutes'] = (time.monotonic() - started) / 60
    known.write_text(json.dumps(result), encoding='utf-8')
    return result


def run_seed(folder: Path, seed: int, args: argparse.Namespace) -> dict[str, dict]:
    """Do all of a seed; return each way's result on B."""
    a = render(folder / 'A', 1000 + seed, '123')
    b = render(folder / 'B', 2000 + seed, '456')
    last = ['train_dataloader.sampler.num_batches=2'] if args.trying else []
    last += ['train_cfg.max_epochs=1'] if args.trying else []
    before = train(SUPERVISED, [*settings(a, b, seed), *last], folder / 'before')
    weights = max((folder / 'before').glob('epoch_*.pth'), key=epoch_of)
    own = [*settings(b, b, seed, 'dataset.'), f'load_from={weights}']
    own += ['custom_hooks.0.num_workers=0', *last]
    after = train(WITHOUT_LABELS, [*own, *args.cfg_options], folder / 'after')
    upper = train(SUPERVISED, [*settings(b, b, seed), *last], folder / 'supervised')
    return dict(zip(WAYS, (before, after, upper), strict=True))


def epoch_of(checkpoint: Path) -> int:
    """Number of the epoch in a checkpoint's name."""
    return int(checkpoint.stem.split('_')[1])


def print_table(results: dict[int, dict[str, dict]]) -> None:
    """Print every seed, then means and standard deviations of the seeds."""
    scores = (f'{way} {name}' for way in WAYS for name in METRICS)
    head = ('seed', *scores, 'clusters', 'noise', 'Rand index', 'minutes')
    numbers = {
        seed: [ways[way][name] for way in WAYS for name in METRICS]
        for seed, ways in results.items()
    }
    rows = []
    for seed, ways in results.items():
        after = ways['after']
        first_last = [
            f'{after[name][0]:.{digits}f} to {after[name][1]:.{digits}f}'
            for name, digits in CLUSTERS.items()
        ]
        minutes = sum(ways[way]['minutes'] for way in WAYS)
        own = [f'{number:.1f}' for number in numbers[seed]]
        rows.append((str(seed), *own, *first_last, f'{minutes:.1f}'))
    columns = [*zip(*numbers.values(), strict=True)]
    mean = [f'{statistics.mean(column):.1f}' for column in columns]
    rows.append(('mean', *mean, '', '', '', ''))
    if len(results) > 1:
        spread = [f'{statistics.stdev(column):.1f}' for column in columns]
        rows.append(('std', *spread, '', '', '', ''))
    print(format_table([head, *rows]))


def main() -> None:
    """Run the seeds and print the table."""
    args = parse_args()
    torch.set_num_threads(1)
    results = {}
    for seed in args.seeds:
        results[seed] = run_seed(args.folder / f'seed_{seed}', seed, args)
    print_table(results)


if __name__ == '__main__':
    main()
