"""Print how much the attention of OFA differs between pictures, channels, positions.

    python tests/benchmarks/spread_of_ofa.py CHECKPOINT data/synthreid_mini/query

A gate on channels that is the same for all pictures tells nothing of what is on them;
one that has learned to find the foreground differs.
"""

import argparse
from collections.abc import Callable

import torch
from torch import Tensor, nn

from mmreid.apis import ReIDInferencer, init_model
from mmreid.models.necks.ofa import (
    ForegroundChannelAttention,
    MultiscaleSpatialAttention,
)
from mmreid.text_tables import format_table

_KINDS = (ForegroundChannelAttention, MultiscaleSpatialAttention)


def main() -> None:
    """Embed pictures, and print what each attention gave."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('checkpoint', help='one that tells its config')
    parser.add_argument('folder', help='of pictures')
    args = parser.parse_args()
    network = init_model(args.checkpoint, device='cpu')
    given: dict[str, list[Tensor]] = {}
    for name, module in network.named_modules():
        if isinstance(module, _KINDS):
            given[name] = []
            module.register_forward_hook(_keep(given[name]))
    if not given:
        raise SystemExit(f'{args.checkpoint} has no OFA.')
    # Whatever copy it makes of the network has the hooks, too.
    inferencer = ReIDInferencer(network, device='cpu')
    for parts in given.values():
        parts.clear()
    inferencer(args.folder)
    rows = [['', 'mean', 'pictures', 'channels', 'positions']]
    rows += [[name, *_spreads(torch.cat(parts))] for name, parts in given.items()]
    print(format_table(rows))
    print('the mean of the attention, and its standard deviation between these')


def _keep(parts: list[Tensor]) -> Callable[..., None]:
    def keep(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        parts.append(output.detach())

    return keep


def _spreads(attention: Tensor) -> list[str]:
    """Write mean and deviations of attentions ``(N, C, H, W)``."""
    of_channels = attention.mean((2, 3))
    spreads = [of_channels.std(0).mean(), of_channels.std(1).mean()]
    if attention[0, 0].numel() > 1:
        spreads.append(attention.std((2, 3)).mean())
    return [f'{float(value):.3f}' for value in (attention.mean(), *spreads)] + [''] * (
        3 - len(spreads)
    )


if __name__ == '__main__':
    main()
