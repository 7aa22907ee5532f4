"""A network of three convolutions as an ONNX file, and pictures that it tells apart."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
import onnxruntime
import openvino
import torch
from onnx import numpy_helper
from onnx.parser import parse_model

from mmreid.deploy.signal_stack import kept_signal_stack
from mmreid.evaluation.functional import evaluate_ranking

HEIGHT, WIDTH, DIM = 32, 16, 24
FACTS = '{"name": "tiny"}'
# A node's name stands before it.
_TEXT = f"""
<ir_version: 10, opset_import: ["": 18]>
tiny (uint8[batch, {HEIGHT}, {WIDTH}, 3] pictures) => (float[batch, {DIM}] vectors)
<int64[2] axes = {{2, 3}}>
{{
  [chw] chw = Transpose<perm = [0, 3, 1, 2]>(pictures)
  [float] float = Cast<to = 1>(chw)
  [centred] centred = Sub(float, mean)
  [scaled] scaled = Div(centred, std)
  [conv1] conv1 = Conv<pads = [1, 1, 1, 1], strides = [2, 2]>(scaled, "conv1.w")
  ["conv1.relu"] "conv1.relu" = Relu(conv1)
  [conv2] conv2 = Conv<pads = [1, 1, 1, 1]>("conv1.relu", "conv2.w")
  ["conv2.relu"] "conv2.relu" = Relu(conv2)
  [conv3] conv3 = Conv<pads = [1, 1, 1, 1]>("conv2.relu", "conv3.w")
  ["conv3.relu"] "conv3.relu" = Relu(conv3)
  [pool] pool = ReduceMean<keepdims = 0>("conv3.relu", axes)
  [fc] fc = Gemm(pool, "fc.w", "fc.b")
  [unit] vectors = LpNormalization<axis = 1>(fc)
}}
"""


def write_tiny(path: Path, fragile: bool = False) -> Path:
    """Write the network: uint8 pictures to vectors of length 1.

    Args:
        path (Path): The file.
        fragile (bool): Whether one map has a channel two thousand times as large
            as the others, which the next layer divides by as much: int8 rounds all the
            others to nothing. Defaults to False.
    """
    rng = np.random.default_rng(0)
    weights = {
        'mean': np.full((1, 3, 1, 1), 120),
        'std': np.full((1, 3, 1, 1), 58),
        'conv1.w': rng.normal(0, 0.25, (16, 3, 3, 3)),
        'conv2.w': rng.normal(0, 0.1, (16, 16, 3, 3)),
        'conv3.w': rng.normal(0, 0.1, (16, 16, 3, 3)),
        'fc.w': rng.normal(0, 0.3, (16, DIM)),
        'fc.b': rng.normal(0, 0.1, DIM),
    }
    if fragile:
        weights['conv2.w'][3] *= 2e3
        weights['conv3.w'][:, 3] *= 5e-4
    model = parse_model(_TEXT)
    for name, values in weights.items():
        tensor = numpy_helper.from_array(values.astype(np.float32), name)
        model.graph.initializer.append(tensor)
    onnx.helper.set_model_props(model, {'mmreid': FACTS})
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


class TinyPictures:
    """Pictures of persons, each with two colours of their own, in noise and light.

    Args:
        num_persons (int): How many persons. Defaults to 24.
        seed (int): Of the colours and the noise. Defaults to 1.
    """

    def __init__(self, num_persons: int = 24, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        halves = rng.uniform(50, 200, (num_persons, 2, 1, 3))
        colours = halves.repeat(HEIGHT // 2, axis=1).repeat(WIDTH, axis=2)
        self.persons = np.arange(num_persons).repeat(5)
        noise = rng.normal(0, 30, (len(self.persons), HEIGHT, WIDTH, 3))
        light = rng.normal(0, 7, (len(self.persons), 1, 1, 3))
        given = colours[self.persons] + noise + light
        self.pictures = given.clip(0, 255).astype(np.uint8)

    @property
    def calibration(self) -> list[np.ndarray]:
        """Every second picture, in batches of unequal size."""
        return [self.pictures[::2][start : start + 7] for start in range(0, 60, 7)]

    def validate(self, embed) -> float:
        """Measure the mAP in percent; the first picture of a person is the query."""
        vectors = torch.from_numpy(np.asarray(embed(self.pictures)))
        persons = torch.from_numpy(self.persons)
        is_query = torch.arange(len(persons)) % 5 == 0
        cameras = is_query.long()
        result = evaluate_ranking(
            vectors[is_query],
            vectors[~is_query],
            persons[is_query],
            persons[~is_query],
            cameras[is_query],
            cameras[~is_query],
            distance='cosine',
            ranks=(1,),
        )
        return 100 * float(result.mAP)


def embed_onnx(path: Path, options: Any = None) -> Callable:
    """Run an ``.onnx`` file on the processor."""
    session = onnxruntime.InferenceSession(
        path, options, providers=['CPUExecutionProvider']
    )
    return lambda pictures: session.run(['vectors'], {'pictures': pictures})[0]


def compile_openvino(path: Path) -> Any:
    """Compile a file of OpenVINO's for float32 arithmetic beside int8."""
    options = dict(INFERENCE_PRECISION_HINT='f32')
    with kept_signal_stack():
        return openvino.Core().compile_model(path, 'CPU', options)


def embed_openvino(path: Path) -> Callable:
    """Run a file of OpenVINO's on the processor."""
    compiled = compile_openvino(path)
    return lambda pictures: compiled(pictures)[0].copy()


class Quantized(NamedTuple):
    """An int8 file, and what it was made of.

    Attributes:
        source: The float32 file.
        target: The int8 file.
        report: What became of it.
        told: What the progress was called with.
    """

    source: Path
    target: Path
    report: Any
    told: list[tuple[int, int]]


def quantize_tiny(
    quantize: Callable, source: Path, target: Path, pictures: TinyPictures
) -> Quantized:
    """Make an int8 file that loses two points of mAP at most."""
    told: list[tuple[int, int]] = []
    report = quantize(
        source,
        target,
        iter(pictures.calibration),
        validate=pictures.validate,
        max_drop=2.0,
        progress=lambda done, total: told.append((done, total)),
    )
    return Quantized(source, target, report, told)


def spoil_scale(path: Path, target: Path, factor: float = 50.0) -> str:
    """Write an int8 ONNX file in which the scale of one map is wrong.

    Args:
        path (Path): The int8 file.
        target (Path): The spoilt one.
        factor (float): By which the scale is multiplied where the map is read, after
            it was rounded with the right one. Defaults to 50.

    Returns:
        str: Name of the map.
    """
    model = onnx.load(path)
    rounds = [n for n in model.graph.node if n.op_type == 'QuantizeLinear']
    chosen = rounds[len(rounds) // 2]
    scale = next(t for t in model.graph.initializer if t.name == chosen.input[1])
    wrong = numpy_helper.to_array(scale) * np.float32(factor)
    model.graph.initializer.append(numpy_helper.from_array(wrong, 'wrong_scale'))
    for node in model.graph.node:
        if node.op_type == 'DequantizeLinear' and node.input[0] == chosen.output[0]:
            node.input[1] = 'wrong_scale'
    onnx.save(model, target)
    return chosen.input[0]
