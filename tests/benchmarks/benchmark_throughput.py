"""Measure how fast the networks train and embed, and what share of the device that is.

    python tests/benchmarks/benchmark_throughput.py --batch-size 4 --repeat 3
    python tests/benchmarks/benchmark_throughput.py --device cuda \
        --dtype float32 bfloat16 --layout contiguous channels_last --compile no yes

The networks are those of ``configs/{method}/{method}_r50_market.py``, random weights,
at the papers' picture sizes, without mirror images. Training is forward, losses,
backward and the config's optimizer; inference makes embeddings. Pictures are random and
lie on the device already. The operations of convolutions and matrix products are
counted while they run, and divided by the time; the share is that of the rate at which
one product of large matrices of the same dtype runs in the same process, in turns with
the steps. Medians are printed as a Markdown table.

``--profile 15`` prints instead which operations take a training step's time.
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import (
    FlopCounterMode,
    sdpa_backward_flop_count,
    sdpa_flop_count,
)

from mmreid.apis.test_pipeline import input_size
from mmreid.engine import fill_num_classes
from mmreid.engine.hooks.compile_hook import compile_modules
from mmreid.registry import MODELS

CONFIGS = Path(__file__).parents[2] / 'configs'
METHODS = ('bot', 'ianet', 'rrid', 'airnet', 'aanet', 'sonanet')
LAYOUTS = dict(contiguous=torch.contiguous_format, channels_last=torch.channels_last)
SDPA = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
# The fused attention of CPUs; torch counts that of GPUs by itself.
FURTHER = {
    SDPA: lambda query, key, value, *_, **__: sdpa_flop_count(query, key, value),
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward: (
        lambda grad, query, key, value, *_, **__: sdpa_backward_flop_count(
            grad, query, key, value
        )
    ),
}
COLUMNS = (
    *('method', 'picture', 'mode', 'dtype', 'layout', 'compiled'),
    *('images/s', 'ms a step', 'GFLOP/image', 'TFLOP/s', 'of the matrix rate'),
)


class Case:
    """A network in one of the ways to run it.

    Args:
        method (str): Which.
        mode (str): ``'training'`` or ``'inference'``.
        dtype (str): Of autocast; ``'float32'`` for none.
        layout (str): Memory format of maps and weights.
        compiled (bool): Whether to compile it.
        args (argparse.Namespace): ``batch_size`` and ``device``.
    """

    def __init__(
        self,
        method: str,
        mode: str,
        dtype: str,
        layout: str,
        compiled: bool,
        args: argparse.Namespace,
    ) -> None:
        torch.manual_seed(0)
        config = Config.fromfile(CONFIGS / method / f'{method}_r50_market.py')
        init_default_scope(config.default_scope)
        config.merge_from_dict(
            {'model.backbone.init_cfg': None, 'model.flip_test': False}
        )
        fill_num_classes(config)
        self.words = (method, mode, dtype, layout, 'yes' if compiled else 'no')
        self.size = input_size(config)
        self.batch_size = args.batch_size or config.train_dataloader.batch_size
        self.device = torch.device(args.device)
        self.dtype = getattr(torch, dtype)
        self.training = mode == 'training'
        model: Any = MODELS.build(config.model).to(self.device)
        self.model = model.to(memory_format=LAYOUTS[layout]).train(self.training)
        shape = (self.batch_size, 3, *self.size)
        images = torch.randn(shape, device=self.device)
        self.images = images.to(memory_format=LAYOUTS[layout])
        self.labels = torch.arange(self.batch_size, device=self.device) // 4
        wrapper = build_optim_wrapper(self.model, config.optim_wrapper)
        self.optimizer: Any = wrapper.optimizer
        self.flops = self._count() / self.batch_size
        if compiled:
            compile_modules(self.model)

    def step(self) -> None:
        """Train or embed once."""
        with torch.autocast(
            self.device.type, self.dtype, enabled=self.dtype != torch.float32
        ):
            if not self.training:
                # Inference mode hides operations from the counter.
                with torch.no_grad():
                    self.model(self.images)
                return
            feats = self.model.backbone(self.images)
            branches = self.model.head.branches.values()
            losses = [
                value
                for branch in branches
                for value in branch.loss(feats, self.labels).values()
            ]
        torch.stack(losses).sum().backward()
        self.optimizer.step()
        self.optimizer.zero_grad()

    def _count(self) -> int:
        """Floating-point operations of a step."""
        with FlopCounterMode(display=False, custom_mapping=FURTHER) as counter:
            self.step()
        return counter.get_total_flops()


def finish(device: torch.device) -> None:
    """Wait for a GPU."""
    if device.type == 'cuda':
        torch.cuda.synchronize()


def seconds(step: Callable[[], Any], number: int, device: torch.device) -> float:
    """Time of a step, of so many in a row."""
    finish(device)
    start = time.perf_counter()
    for _ in range(number):
        step()
    finish(device)
    return (time.perf_counter() - start) / number


class MatrixProduct:
    """A product of two large square matrices.

    Args:
        dtype (torch.dtype): Of the matrices.
        device (torch.device): Where.
    """

    def __init__(self, dtype: torch.dtype, device: torch.device) -> None:
        side = 8192 if device.type == 'cuda' else 2048
        self.flops = 2 * side**3
        self.factors = [torch.randn(side, side).to(device, dtype) for _ in range(2)]

    def __call__(self) -> None:
        torch.mm(*self.factors)


def measure(case: Case, args: argparse.Namespace) -> list[str]:
    """Time a case; return its line of the table."""
    product = MatrixProduct(case.dtype, case.device)
    for step in (case.step, product):
        seconds(step, 2, case.device)
    taken, rates = [], []
    for _ in range(args.repeat):
        taken.append(seconds(case.step, args.steps, case.device))
        rates.append(product.flops / seconds(product, args.steps, case.device))
    speeds = [case.flops * case.batch_size / time for time in taken]
    share = statistics.median(a / b for a, b in zip(speeds, rates, strict=True))
    median = statistics.median(taken)
    method, *words = case.words
    return [
        *(method, f'{case.size[0]} x {case.size[1]}', *words),
        f'{case.batch_size / median:.1f}',
        f'{1000 * median:.1f}',
        f'{case.flops / 1e9:.1f}',
        f'{statistics.median(speeds) / 1e12:.3f}',
        f'{share:.0%}',
    ]


def show_profile(case: Case, rows: int) -> None:
    """Print which operations take the time of a step."""
    activities = [ProfilerActivity.CPU]
    order = 'self_cpu_time_total'
    if case.device.type == 'cuda':
        activities.append(ProfilerActivity.CUDA)
        order = 'self_device_time_total'
    case.step()
    with profile(activities=activities, record_shapes=True) as found:
        case.step()
        finish(case.device)
    print(' '.join(case.words))
    print(found.key_averages().table(sort_by=order, row_limit=rows))


def device_name(device: torch.device) -> str:
    if device.type == 'cuda':
        return torch.cuda.get_device_name(device)
    return f'CPU, {torch.get_num_threads()} threads'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--method', nargs='+', choices=METHODS, default=METHODS)
    modes = ('training', 'inference')
    parser.add_argument('--mode', nargs='+', choices=modes, default=modes)
    dtypes = ('float32', 'bfloat16', 'float16')
    parser.add_argument('--dtype', nargs='+', choices=dtypes, default=['float32'])
    parser.add_argument(
        '--layout', nargs='+', choices=[*LAYOUTS], default=['channels_last']
    )
    parser.add_argument('--compile', nargs='+', choices=('no', 'yes'), default=['no'])
    parser.add_argument('--batch-size', type=int, help="default: the config's")
    parser.add_argument('--steps', type=int, default=1, help='timed in a row')
    parser.add_argument('--repeat', type=int, default=5)
    parser.add_argument('--device', default='cpu', help="'cpu' or 'cuda'")
    parser.add_argument('--profile', type=int, metavar='ROWS')
    args = parser.parse_args()
    print(f'{device_name(torch.device(args.device))}, torch {torch.__version__}\n')
    if not args.profile:
        for cells in (COLUMNS, ['---'] * len(COLUMNS)):
            print(f'| {" | ".join(cells)} |')
    cases = itertools.product(
        args.method, args.mode, args.dtype, args.layout, args.compile
    )
    for *words, compiled in cases:
        case = Case(*words, compiled == 'yes', args)
        if args.profile:
            show_profile(case, args.profile)
        else:
            print(f'| {" | ".join(measure(case, args))} |', flush=True)
        # Compiled parts of one network are of no use to the next.
        torch._dynamo.reset()


if __name__ == '__main__':
    main()
