"""LightMBN's LMBN_n for the tests, with its names.

Written from model/lmbn_n.py, bnneck.py, attention.py and engine_v3.py of
https://github.com/jixunbo/LightMBN (ab2d0eff; 247feeed renames the trunk), not from
mmreid: what torch's slices of a Sequential are called, what is pooled how, and that
each of the seven vectors is scaled for itself behind the sum of picture and mirror
image.
"""

import torch
import torch.nn.functional as F
from foreign_osnet import (
    conv_norm,
    draw,
    halve,
    make_trunk,
    put_block,
    put_conv,
    put_norm,
    run_block,
    run_stem,
)
from torch import Tensor

TRUNK = {'conv1.': '0.', 'conv2.': '2.', 'conv3.0.': '3.'}
TAIL = {'conv3.1.': '0.1.', 'conv3.2.': '0.2.', 'conv4.': '1.', 'conv5.': '2.'}
BRANCHES = ('global_branch', 'partial_branch', 'channel_branch')
WIDTH, FEATS = 128, 40


def make_lightmbn(trunk: str = 'backone') -> dict[str, Tensor]:
    """Draw the weights of a LightMBN on OSNet x0.25."""
    state = {}
    shared = make_trunk()
    for ours, theirs in TRUNK.items():
        state.update(renamed(shared, ours, f'{trunk}.{theirs}'))
    for branch in BRANCHES:
        own = make_trunk()  # copies that training has led apart
        for ours, theirs in TAIL.items():
            state.update(renamed(own, ours, f'{branch}.{theirs}'))
    put_block(state, 'batch_drop_block.drop_batch_bottleneck', 'bn', WIDTH, WIDTH)
    put_conv(state, 'shared.0', WIDTH // 2, FEATS)
    put_norm(state, 'shared.1', FEATS)
    for name in (*(f'reduction_{i}' for i in range(5)), *CHANNELS):
        if name not in CHANNELS:
            put_conv(state, f'{name}.reduction', WIDTH, FEATS)
        put_norm(state, f'{name}.bn', FEATS)
        state[f'{name}.classifier.weight'] = draw(5, FEATS)
    return state


CHANNELS = ('reduction_ch_0', 'reduction_ch_1')


def renamed(state, start: str, other: str) -> dict[str, Tensor]:
    return {
        other + name.removeprefix(start): value
        for name, value in state.items()
        if name.startswith(start)
    }


def neck(state, name: str, x: Tensor) -> Tensor:
    if f'{name}.reduction.weight' in state:
        x = x @ state[f'{name}.reduction.weight'].flatten(1).T
    mean, var = state[f'{name}.bn.running_mean'], state[f'{name}.bn.running_var']
    x = (x - mean) / (var + 1e-5).sqrt()
    return x * state[f'{name}.bn.weight'] + state[f'{name}.bn.bias']


def run_lightmbn(state, x: Tensor, trunk: str = 'backone') -> Tensor:
    """Compute the seven vectors ``(N, feats, 7)``."""
    shared = {}
    for ours, theirs in TRUNK.items():
        shared.update(renamed(state, f'{trunk}.{theirs}', ours))
    x = run_block(shared, 'conv3.0', 'bn', run_stem(shared, 'bn', x))
    maps = []
    for branch in BRANCHES:
        own = {}
        for ours, theirs in TAIL.items():
            own.update(renamed(state, f'{branch}.{theirs}', ours))
        y = halve(own, 'conv3.2', run_block(own, 'conv3.1', 'bn', x))
        for index in range(2):
            y = run_block(own, f'conv4.{index}', 'bn', y)
        maps.append(conv_norm(own, 'conv5', y).relu())
    whole, part, channel = maps
    whole = run_block(state, 'batch_drop_block.drop_batch_bottleneck', 'bn', whole)
    upper, lower = (stripe.mean((2, 3)) for stripe in part.chunk(2, 2))
    pooled = {
        'reduction_0': whole.mean((2, 3)),
        'reduction_4': whole.amax((2, 3)),
        'reduction_1': part.amax((2, 3)),
        'reduction_2': upper,
        'reduction_3': lower,
    }
    halves = channel.mean((2, 3)).chunk(2, 1)
    for name, half in zip(CHANNELS, halves, strict=True):
        mapped = F.conv2d(half[..., None, None], state['shared.0.weight'])
        statistics = state['shared.1.running_mean'], state['shared.1.running_var']
        affine = state['shared.1.weight'], state['shared.1.bias']
        pooled[name] = F.batch_norm(mapped, *statistics, *affine).relu()[:, :, 0, 0]
    return torch.stack([neck(state, name, v) for name, v in pooled.items()], 2)


def compared(state, x: Tensor, trunk: str = 'backone', flip: bool = False) -> Tensor:
    """Compute what the authors compare, with the mirror image added or not."""
    both = run_lightmbn(state, x, trunk)
    if flip:
        both = both + run_lightmbn(state, x.flip(3), trunk)
    return both / both.norm(dim=1, keepdim=True)
