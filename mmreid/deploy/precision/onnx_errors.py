"""Where in an int8 ONNX file the error begins, by ONNX Runtime's own comparison."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.deploy.runtimes.exported_model import INPUT
from mmreid.optional import import_optional

# They choose among numbers, so that an error behind them is of the node before them.
_PASSING = ('Relu', 'Clip', 'MaxPool')


def rank_groups(
    exact: Path,
    quantized: Path,
    kinds: tuple[str, ...],
    pictures: np.ndarray,
    folder: Path,
) -> list[tuple[str, ...]]:
    """Rank the nodes of a file by how much more error they give than they get.

    The error of a map is its noise against its signal, as it arrives there from all
    nodes before. That of its own rounding would tell less: a map in which one channel
    hides all others is as near as any, and what reads these others is not.

    Args:
        exact (Path): The file that was quantised.
        quantized (Path): The outcome.
        kinds (tuple[str, ...]): Of nodes that were quantised.
        pictures (np.ndarray): A few, ``(n, H, W, 3)`` uint8: all maps are held.
        folder (Path): For temporary files.

    Returns:
        list[tuple[str, ...]]: Names of nodes, those with the largest error first. With
        a node come those whose maps it reads, which else were rounded on leaving them;
        every entry has a node that is in none before it.
    """
    onnx = import_optional('onnx', 'Comparing files')
    errors = _compare(exact, quantized, pictures, folder)
    nodes = onnx.load(exact).graph.node
    makers = {name: node for node in nodes for name in node.output}
    arriving: dict[str, float] = {}
    gained: dict[str, float] = {}
    for node in nodes:  # in the order of computing
        before = max((arriving.get(name, 0.0) for name in node.input), default=0.0)
        after = errors.get(node.output[0], before)
        arriving |= dict.fromkeys(node.output, after)
        if node.op_type in kinds:
            *_, owner = _back(node, makers)
            gained[owner.name] = max(gained.get(owner.name, 0.0), after - before)
    groups = {
        node.name: [node, *_readers_makers(node, makers)]
        for node in nodes
        if node.name in gained
    }
    seen: set[str] = set()
    ranked = []
    for name in sorted(groups, key=lambda name: -gained[name]):
        new = [n.name for n in groups[name] if n.op_type in kinds]
        if not seen.issuperset(new):
            ranked.append(tuple(new))
            seen |= {*new}
    return ranked


def _readers_makers(node: Any, makers: dict[str, Any]) -> Iterator[Any]:
    """The nodes that make what a node reads."""
    for name in node.input:
        if name in makers:
            yield from _back(makers[name], makers)


def _back(node: Any, makers: dict[str, Any]) -> Iterator[Any]:
    """A node, and those before it as long as they choose among numbers."""
    yield node
    while node.op_type in _PASSING and node.input[0] in makers:
        node = makers[node.input[0]]
        yield node


def _compare(
    exact: Path, quantized: Path, pictures: np.ndarray, folder: Path
) -> dict[str, float]:
    """Compute the noise against the signal of every quantised map."""
    debug = import_optional(
        'onnxruntime.quantization.qdq_loss_debug', 'Comparing files'
    )
    maps = []
    for number, file in enumerate((quantized, exact)):
        augmented = str(folder / f'maps{number}.onnx')
        debug.modify_model_output_intermediate_tensors(str(file), augmented)
        maps.append(debug.collect_activations(augmented, iter([{INPUT: pictures}])))
    pairs = debug.create_activation_matching(*maps)
    pairs = {name: pair for name, pair in pairs.items() if 'float' in pair}
    # From decibels of signal against noise.
    return {
        name: math.pow(10, -error['xmodel_err'] / 10)
        for name, error in debug.compute_activation_error(pairs).items()
    }
