"""OSNet with torchreid's names, computed from its state dict, entry by entry.

Written for the tests from what osnet.py and osnet_ain.py of
https://github.com/KaiyangZhou/deep-person-reid say (master of torchreid 0.2.5): names,
shapes, where norms are. It knows nothing of mmreid's modules.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

WIDTHS = {
    'x1_0': (64, 256, 384, 512),
    'x0_75': (48, 192, 288, 384),
    'x0_5': (32, 128, 192, 256),
    'x0_25': (16, 64, 96, 128),
}
# Blocks with a norm of instances, of two in conv2, conv3 and conv4.
WITH_IN = {
    'bn': ((), (), ()),
    'ibn': ((0, 1), (), ()),
    'ain': ((0, 1), (1,), (0,)),
}


def draw(*shape: int, scale: float = 1.0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64) * scale


def put_norm(state: dict[str, Tensor], name: str, width: int, batch: bool = True):
    state[f'{name}.weight'] = torch.rand(width, dtype=torch.float64) + 0.5
    state[f'{name}.bias'] = draw(width, scale=0.3)
    if batch:
        state[f'{name}.running_mean'] = draw(width, scale=0.3)
        state[f'{name}.running_var'] = torch.rand(width, dtype=torch.float64) + 0.5
        state[f'{name}.num_batches_tracked'] = torch.tensor(7)


def put_conv(state, name: str, inputs: int, outputs: int, size: int = 1, groups=1):
    fan = inputs // groups * size**2
    state[f'{name}.weight'] = draw(
        outputs, inputs // groups, size, size, scale=(2 / fan) ** 0.5
    )


def stream_names(kind: str, length: int) -> list[str]:
    if kind == 'ain':
        return [f'conv2.{length - 1}.layers.{i}' for i in range(length)]
    letter = 'abcd'[length - 1]
    if length == 1:
        return [f'conv2{letter}']
    return [f'conv2{letter}.{i}' for i in range(length)]


def put_block(state, name: str, kind: str, inputs: int, outputs: int, has_in=False):
    inner = outputs // 4
    put_conv(state, f'{name}.conv1.conv', inputs, inner)
    put_norm(state, f'{name}.conv1.bn', inner)
    for length in range(1, 5):
        for light in stream_names(kind, length):
            put_conv(state, f'{name}.{light}.conv1', inner, inner)
            put_conv(state, f'{name}.{light}.conv2', inner, inner, 3, inner)
            put_norm(state, f'{name}.{light}.bn', inner)
    for fc, widths in (('fc1', (inner, inner // 16)), ('fc2', (inner // 16, inner))):
        put_conv(state, f'{name}.gate.{fc}', *widths)
        state[f'{name}.gate.{fc}.bias'] = draw(widths[1])
    put_conv(state, f'{name}.conv3.conv', inner, outputs)
    if not (kind == 'ain' and has_in):
        put_norm(state, f'{name}.conv3.bn', outputs)
    if inputs != outputs:
        put_conv(state, f'{name}.downsample.conv', inputs, outputs)
        put_norm(state, f'{name}.downsample.bn', outputs)
    if has_in:
        put_norm(state, f'{name}.IN', outputs, batch=False)


def pool_name(kind: str, stage: int) -> str:
    return f'pool{stage}' if kind == 'ain' else f'conv{stage}.2'


def make_trunk(kind: str = 'bn', size: str = 'x0_25') -> dict[str, Tensor]:
    """Draw the weights of a trunk."""
    state: dict[str, Tensor] = {}
    stem, *widths = WIDTHS[size]
    put_conv(state, 'conv1.conv', 3, stem, 7)
    put_norm(state, 'conv1.bn', stem, batch=kind == 'bn')
    inputs = stem
    for stage, width in enumerate(widths, 2):
        for index in range(2):
            has_in = index in WITH_IN[kind][stage - 2]
            put_block(state, f'conv{stage}.{index}', kind, inputs, width, has_in)
            inputs = width
        if stage < 4:
            put_conv(state, f'{pool_name(kind, stage)}.0.conv', width, width)
            put_norm(state, f'{pool_name(kind, stage)}.0.bn', width)
    put_conv(state, 'conv5.conv', inputs, inputs)
    put_norm(state, 'conv5.bn', inputs)
    return state


def norm(state, name: str, x: Tensor) -> Tensor:
    weight, bias = state[f'{name}.weight'], state[f'{name}.bias']
    if f'{name}.running_mean' not in state:
        mean = x.mean((2, 3), keepdim=True)
        x = (x - mean) / (x.var((2, 3), keepdim=True, unbiased=False) + 1e-5).sqrt()
    else:
        mean, var = state[f'{name}.running_mean'], state[f'{name}.running_var']
        x = (x - mean[:, None, None]) / (var[:, None, None] + 1e-5).sqrt()
    return x * weight[:, None, None] + bias[:, None, None]


def conv_norm(state, name: str, x: Tensor, stride: int = 1) -> Tensor:
    weight = state[f'{name}.conv.weight']
    x = F.conv2d(x, weight, stride=stride, padding=weight.shape[2] // 2)
    return norm(state, f'{name}.bn', x) if f'{name}.bn.weight' in state else x


def run_block(state, name: str, kind: str, x: Tensor) -> Tensor:
    inner = conv_norm(state, f'{name}.conv1', x).relu()
    total = 0
    for length in range(1, 5):
        y = inner
        for light in (f'{name}.{n}' for n in stream_names(kind, length)):
            weight = state[f'{light}.conv2.weight']
            y = F.conv2d(y, state[f'{light}.conv1.weight'])
            y = F.conv2d(y, weight, padding=1, groups=len(weight))
            y = norm(state, f'{light}.bn', y).relu()
        gate = y.mean((2, 3), keepdim=True)
        for fc in ('fc1', 'fc2'):
            gate = gate if fc == 'fc1' else gate.relu()
            gate = F.conv2d(gate, *(state[f'{name}.gate.{fc}.{k}'] for k in PAIR))
        total = total + y * gate.sigmoid()
    y = conv_norm(state, f'{name}.conv3', total)
    has_in = f'{name}.IN.weight' in state
    if has_in and kind == 'ain':
        y = norm(state, f'{name}.IN', y)
    has_shortcut = f'{name}.downsample.conv.weight' in state
    y = y + (conv_norm(state, f'{name}.downsample', x) if has_shortcut else x)
    if has_in and kind == 'ibn':
        y = norm(state, f'{name}.IN', y)
    return y.relu()


PAIR = ('weight', 'bias')


def run_stem(state, kind: str, x: Tensor) -> Tensor:
    """Compute the map that conv3's second block gets, before and after conv2."""
    x = conv_norm(state, 'conv1', x, stride=2).relu()
    x = F.max_pool2d(x, 3, stride=2, padding=1)
    for index in range(2):
        x = run_block(state, f'conv2.{index}', kind, x)
    return halve(state, pool_name(kind, 2), x)


def halve(state, name: str, x: Tensor) -> Tensor:
    return F.avg_pool2d(conv_norm(state, f'{name}.0', x).relu(), 2)


def run_maps(state: dict[str, Tensor], kind: str, x: Tensor) -> list[Tensor]:
    """Compute the maps behind conv2, conv3, conv4 and conv5."""
    maps = [run_stem(state, kind, x)]
    x = run_block(state, 'conv3.0', kind, maps[0])
    x = halve(state, pool_name(kind, 3), run_block(state, 'conv3.1', kind, x))
    maps.append(x)
    for index in range(2):
        x = run_block(state, f'conv4.{index}', kind, x)
    maps.append(x)
    return [*maps, conv_norm(state, 'conv5', x).relu()]
