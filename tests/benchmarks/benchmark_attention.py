"""Time a method's attention and measure its memory, beside the plain network.

    python tests/benchmarks/benchmark_attention.py --batch 8 --repeat 9
    python tests/benchmarks/benchmark_attention.py --method sonanet --shape 384 128

The networks are those of ``configs/ianet/ianet_r50_market.py`` without plugins, with
SIA, with CIA and with both, or those of ``configs/sonanet/sonanet_r50_market.py``
without SONA, with it at stage 2, at stage 3 and at both, on the same random pictures,
without their mirror images. A training step is forward, backward and Adam; inference is
the embedding.

Times are taken in one process, in rounds of one step a network, every other round
backwards, so that what else the machine does meets all alike: on a CPU the time that
its cores worked for this process, which idle waiting for one another adds to (take
``OMP_NUM_THREADS=1`` for a clean ratio), on a GPU what passed on the clock. A ratio is
the median of the rounds' ratios, and their range.

Memory is the peak of two steps beyond the network's weights and the pictures, each in a
process of its own, which a step of a smaller batch has warmed up: on a CPU of what the
process holds, freed at once where it is large, on a GPU of what torch allocated.
"""

import argparse
import copy
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpretrain.structures import DataSample
from torch import nn

from mmreid.engine import fill_num_classes
from mmreid.registry import MODELS

CONFIGS = Path(__file__).parents[2] / 'configs'
PLUGINS = 'model.backbone.plugins'
# What the config changes by, by method and network.
NETWORKS: dict[str, dict[str, dict[str, Any]]] = dict(
    ianet=dict(
        plain={PLUGINS: []},
        sia={f'{PLUGINS}.{i}.cfg.parts': ['sia'] for i in range(2)},
        cia={f'{PLUGINS}.{i}.cfg.parts': ['cia'] for i in range(2)},
        both={},
    ),
    sonanet=dict(
        plain={PLUGINS: []},
        sona2={f'{PLUGINS}.0.stages': [1]},
        sona3={f'{PLUGINS}.0.stages': [2]},
        both={},
    ),
)
MODES = ('training', 'inference')
# glibc gives blocks of this size back as soon as they are freed.
PROMPT = dict(MALLOC_MMAP_THRESHOLD_='65536', MALLOC_TRIM_THRESHOLD_='65536')


def build(name: str, args: argparse.Namespace) -> nn.Module:
    """A network with some of the attention, with weights that use it."""
    config = Config.fromfile(CONFIGS / args.method / f'{args.method}_r50_market.py')
    init_default_scope(config.default_scope)
    config.merge_from_dict(NETWORKS[args.method][name])
    backbone = config.model.backbone
    backbone.update(init_cfg=None, depth=args.depth)
    config.model.head.in_channels = 512 if args.depth < 50 else 2048
    config.model.flip_test = False
    fill_num_classes(config)
    for plugin in backbone.plugins:
        if plugin.cfg.type == 'IABlock':
            plugin.cfg.normalize = args.normalize
    model = MODELS.build(config.model).to(args.device)
    for path, module in model.named_modules():
        if path.endswith(('sia_norm', 'cia_norm', 'after.p')):
            nn.init.constant_(module.weight, 0.1)
    return model


def make_step(mode: str, name: str, args: argparse.Namespace) -> Callable[[], Any]:
    """One step of a network as a function without arguments."""
    torch.manual_seed(0)
    model = build(name, args)
    images = torch.randn(args.batch, 3, *args.shape, device=args.device)
    # Four pictures of a person, so that triplets exist.
    samples = [DataSample().set_gt_label(i // 4) for i in range(args.batch)]
    optimizer = torch.optim.Adam(model.parameters(), 1e-5)
    autocast = torch.autocast(
        torch.device(args.device).type, torch.bfloat16, enabled=args.amp
    )

    def train() -> None:
        with autocast:
            losses = model(images, samples, mode='loss')
        optimizer.zero_grad()
        sum(losses.values()).backward()
        optimizer.step()

    def embed() -> None:
        with torch.inference_mode(), autocast:
            model(images)

    model.train(mode == 'training')
    return train if mode == 'training' else embed


def seconds(step: Callable[[], Any], device: str) -> float:
    """Time of a step."""
    clock = time.process_time if device == 'cpu' else time.perf_counter
    start = clock()
    step()
    if device != 'cpu':
        torch.cuda.synchronize()
    return clock() - start


def times(mode: str, args: argparse.Namespace) -> dict[str, list[float]]:
    """Time all networks in turns, after two steps that are not counted."""
    steps = {name: make_step(mode, name, args) for name in NETWORKS[args.method]}
    for step in 2 * [*steps.values()]:
        seconds(step, args.device)
    taken: dict[str, list[float]] = {name: [] for name in steps}
    order = [*steps]
    for _ in range(args.repeat):
        for name in order:
            taken[name].append(seconds(steps[name], args.device))
        order.reverse()
    return taken


def resident(entry: str) -> float:
    """Mebibytes of this process: ``VmRSS`` now, ``VmHWM`` at the peak (Linux)."""
    lines = Path('/proc/self/status').read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(entry)) / 1024


def peak(mode: str, name: str, args: argparse.Namespace) -> float:
    """Mebibytes that two steps need beyond the network and its pictures."""
    warm_up = copy.copy(args)
    warm_up.batch, warm_up.shape = 4, (64, 64)
    make_step(mode, name, warm_up)()
    step = make_step(mode, name, args)
    if args.device != 'cpu':
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        step(), step()
        return (torch.cuda.max_memory_allocated() - before) / 2**20
    Path('/proc/self/clear_refs').write_text('5')  # the peak starts anew
    before = resident('VmRSS')
    step(), step()
    return resident('VmHWM') - before


def measure_peak(mode: str, name: str) -> float:
    """Measure in a process of its own, with the same options."""
    command = [sys.executable, __file__, *sys.argv[1:], '--only', mode, name]
    environment = os.environ | PROMPT
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=environment
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--method', choices=[*NETWORKS], default='ianet')
    parser.add_argument('--depth', type=int, default=50)
    parser.add_argument('--batch', type=int, default=8)
    parser.add_argument('--shape', type=int, nargs=2, default=(256, 128))
    parser.add_argument('--repeat', type=int, default=9)
    parser.add_argument('--normalize', choices=['softmax', 'l1'], default='softmax')
    parser.add_argument('--amp', action='store_true', help='bfloat16 autocast')
    parser.add_argument('--device', default='cpu', help="'cpu' or 'cuda'")
    parser.add_argument('--only', nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only:
        print(json.dumps(peak(*args.only, args)))
        return
    where = (
        'GPU, wall-clock'
        if args.device != 'cpu'
        else (f'CPU, {torch.get_num_threads()} threads, processor')
    )
    height, width = args.shape
    print(
        f'{args.method}, ResNet-{args.depth}, {args.batch} pictures of {height} x '
        f'{width}, {"bfloat16" if args.amp else "float32"}, {where} time of '
        f'{args.repeat} rounds, torch {torch.__version__}'
    )
    for mode in MODES:
        taken = times(mode, args)
        memory = {name: measure_peak(mode, name) for name in taken}
        for name in taken:
            report(mode, name, taken, memory)


def report(
    mode: str, name: str, taken: dict[str, list[float]], memory: dict[str, float]
) -> None:
    """Print a network's line."""
    pairs = zip(taken[name], taken['plain'], strict=True)
    ratios = [own / plain for own, plain in pairs]
    print(
        f'{mode:9} {name:5} {1e3 * statistics.median(taken[name]):8.1f} ms '
        f'({statistics.median(ratios):.3f} x plain, {min(ratios):.3f} to '
        f'{max(ratios):.3f}), peak {memory[name]:6.0f} MiB '
        f'({memory[name] / memory["plain"]:.2f} x plain)',
        flush=True,
    )


if __name__ == '__main__':
    main()
