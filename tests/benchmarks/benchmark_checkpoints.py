"""Time reading a checkpoint against ``torch.load``, in one run.

    python tests/benchmarks/benchmark_checkpoints.py --megabytes 400

The file is written first, so that all read it from the memory of the system. The runs
alternate; medians of wall and CPU seconds are printed, and their ratios to those of
``torch.load``, which neither compares checksums nor looks for NaN.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from mmreid.engine import load_safely, read_safetensors, safetensors_bytes

# Parameters of a layer, as of a wide ResNet.
LAYER = 2**20


def make_weights(megabytes: int) -> dict[str, torch.Tensor]:
    """Make weights of a size, in layers."""
    count = max(1, megabytes * 2**20 // (4 * LAYER))
    return {f'layer{index}.weight': torch.randn(1024, 1024) for index in range(count)}


def measure(
    readers: dict[str, Callable[[], Any]], repeat: int
) -> dict[str, tuple[float, float]]:
    """Return the median wall and CPU seconds of each reader."""
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in readers}
    for _ in range(repeat):
        for name, read in readers.items():
            wall, cpu = time.perf_counter(), time.process_time()
            content = read()
            used = time.process_time() - cpu
            seconds[name].append((time.perf_counter() - wall, used))
            del content
    return {
        name: (
            statistics.median(wall for wall, _ in pairs),
            statistics.median(cpu for _, cpu in pairs),
        )
        for name, pairs in seconds.items()
    }


def main() -> None:
    """Print a line for each reader."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--megabytes', type=int, default=400)
    parser.add_argument('--repeat', type=int, default=7)
    args = parser.parse_args()
    torch.manual_seed(0)
    weights = make_weights(args.megabytes)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, 'weights.pth')
        tensors = path.with_suffix('.safetensors')
        torch.save(dict(state_dict=weights, meta={}), path)
        tensors.write_bytes(safetensors_bytes(weights, {}))
        del weights
        seconds = measure(
            {
                'torch.load': lambda: torch.load(path, weights_only=True),
                'load_safely': lambda: load_safely(path),
                'read_safetensors': lambda: read_safetensors(tensors),
            },
            args.repeat,
        )
    for name, (wall, cpu) in seconds.items():
        base = seconds['torch.load']
        print(
            f'{name:18}{wall:8.3f} s{cpu:8.3f} CPU s{wall / base[0]:8.2f} x'
            f'{cpu / base[1]:8.2f} x CPU'
        )


if __name__ == '__main__':
    main()
