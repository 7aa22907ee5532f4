"""Eq. 1 to 9 of the IANet paper position by position, in plain loops."""

import itertools
import math

import torch


def softmax(values):
    """Softmax of a list of numbers."""
    highest = max(values)
    powers = [math.exp(value - highest) for value in values]
    return [power / sum(powers) for power in powers]


def positions(x):
    """Coordinates (row, column) of a map (C, H, W), in the order of reading."""
    return list(itertools.product(range(x.shape[1]), range(x.shape[2])))


def patch(x, i, context):
    """Vectors of the K x K cells around position i of a map, zeros outside."""
    # Odd K: centred. K = 2: the cell itself and those right, below and diagonal.
    reach = [k - (context - 1) // 2 for k in range(context)]
    cells = []
    for down, right in itertools.product(reach, reach):
        row, column = i[0] + down, i[1] + right
        inside = 0 <= row < x.shape[1] and 0 <= column < x.shape[2]
        cells.append(x[:, row, column] if inside else torch.zeros_like(x[:, 0, 0]))
    return cells


def context_map(x, context, scale=False):
    """Eq. 1 from the patches themselves, as a list of rows."""
    factor = x.shape[0] ** -0.5 if scale else 1
    patches = [torch.cat(patch(x, i, context)) for i in positions(x)]
    return [softmax([float(p @ q) * factor for q in patches]) for p in patches]


def gaussian_map(x, sigma):
    """Eq. 3 and 4, with the constant factor."""
    rows = []
    for row_i, column_i in positions(x):
        values = [
            math.exp(
                -(
                    ((column_j - column_i) / sigma[0]) ** 2
                    + ((row_j - row_i) / sigma[1]) ** 2
                )
                / 2
            )
            / (2 * math.pi * sigma[0] * sigma[1])
            for row_j, column_j in positions(x)
        ]
        rows.append([value / sum(values) for value in values])
    return rows


def fused(maps, fusion, normalize):
    """F of Eq. 2 and 5 and what follows it."""
    join = dict(prod=math.prod, sum=sum, max=max)[fusion]
    rows = []
    for lines in zip(*maps, strict=True):
        line = [join(values) for values in zip(*lines, strict=True)]
        total = sum(line)
        rows.append(
            softmax(line) if normalize == 'softmax' else [v / total for v in line]
        )
    return rows


def spatial_map(
    x,
    sigma=(5, 10),
    contexts=(1, 2, 3),
    fusion='prod',
    normalize='softmax',
    relations='both',
    scale=False,
):
    """S of one map (C, H, W)."""
    if relations == 'location':
        return gaussian_map(x, sigma)
    maps = [context_map(x, context, scale) for context in contexts]
    appearance = maps[0] if len(maps) == 1 else fused(maps, fusion, normalize)
    if relations == 'appearance':
        return appearance
    return fused([appearance, gaussian_map(x, sigma)], fusion, normalize)


def spatial(x, **options):
    """E of Eq. 6 for maps (N, C, H, W), every position by itself."""
    x = x.detach()
    out = torch.zeros_like(x)
    for n, single in enumerate(x):
        relations = spatial_map(single, **options)
        for i, (row, column) in enumerate(positions(single)):
            for j, (other_row, other_column) in enumerate(positions(single)):
                share = relations[i][j]
                out[n, :, row, column] += share * single[:, other_row, other_column]
    return out


def channel(x):
    """E of Eq. 8 for maps (N, C, H, W), every channel by itself."""
    x = x.detach()
    out = torch.zeros_like(x)
    for n, single in enumerate(x):
        for m, own in enumerate(single):
            shares = softmax([float((own * other).sum()) for other in single])
            for share, other in zip(shares, single, strict=True):
                out[n, m] += share * other
    return out


def normalized(e, weight, bias, eps=1e-5):
    """BN of a batch with its own statistics, channel by channel."""
    out = torch.empty_like(e)
    for c in range(e.shape[1]):
        values = e[:, c]
        spread = ((values - values.mean()) ** 2).mean()
        out[:, c] = weight[c] * (values - values.mean()) / (spread + eps) ** 0.5
        out[:, c] += bias[c]
    return out
