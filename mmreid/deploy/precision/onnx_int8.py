"""int8 for ONNX Runtime by its own static quantisation.

ONNX Runtime: "Quantize ONNX models", with its "Debugging Quantization".
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from mmreid.deploy.precision.calibration import gather
from mmreid.deploy.precision.onnx_attempts import USE, Quantizer, onnxruntime_part
from mmreid.deploy.precision.onnx_layers import split_layers
from mmreid.deploy.precision.report import (
    PrecisionReport,
    Progress,
    Validate,
    check_drop,
    refuse,
)
from mmreid.optional import import_optional


def quantize_onnx(
    source: Path,
    target: Path,
    calibration: Iterable[np.ndarray],
    *,
    validate: Validate,
    max_drop: float,
    progress: Progress | None = None,
) -> PrecisionReport:
    """Write an int8 ONNX file, as many nodes in float32 as the score demands.

    Args:
        source (Path): A float32 file.
        target (Path): The file to write; facts are those of the source.
        calibration (Iterable[np.ndarray]): Batches of pictures, ``(n, H, W, 3)`` uint8,
            that tell the range of every map.
        validate (Callable): Takes a function from pictures to vectors, and gives its
            score in percent: its mAP, or the least that this may be.
        max_drop (float): Points of the score that may be lost.
        progress (Callable, optional): Called with the pictures used for calibration,
            and with all. Defaults to None.

    Returns:
        PrecisionReport: What was done.

    Raises:
        ImportError: onnx or onnxruntime is not installed.
        PrecisionError: The loss is larger, whatever is in float32.
        ValueError: There is no calibration picture, or ``max_drop`` is negative.
    """
    check_drop(max_drop)
    onnx = import_optional('onnx', USE)
    onnxruntime_part('quantization')
    pictures = gather(calibration)
    with tempfile.TemporaryDirectory() as folder:
        work = Quantizer(Path(source), Path(folder), pictures, validate, progress)
        work.find_method(max_drop)
        excluded = work.find_excluded(max_drop)
        best = onnx.load(work.best)
    int8_layers, float_layers = split_layers(best)
    if excluded is None or not int8_layers:
        raise refuse(Path(source).name, work.exact, max_drop, work.attempts[1:])
    facts = {entry.key: entry.value for entry in onnx.load(source).metadata_props}
    onnx.helper.set_model_props(best, facts)
    # ONNX Runtime's optimisation lists all that it knows, which others may not.
    used = {node.domain for node in best.graph.node} | {''}
    kept = [entry for entry in best.opset_import if entry.domain in used]
    del best.opset_import[:]
    best.opset_import.extend(kept)
    onnx.save(best, target)
    return PrecisionReport(
        runtime='onnxruntime',
        method=work.method,
        num_pictures=len(pictures),
        exact=work.exact,
        reached=work.reached,
        int8_layers=int8_layers,
        float_layers=float_layers,
        fell_back=tuple(name for name in float_layers if name in excluded),
        attempts=tuple(work.attempts),
    )
