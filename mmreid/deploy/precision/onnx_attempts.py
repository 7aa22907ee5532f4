"""int8 files of one ONNX network, made in other ways until one keeps the score."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.deploy.precision.calibration import split
from mmreid.deploy.precision.onnx_errors import rank_groups
from mmreid.deploy.precision.report import Attempt, Progress, Validate
from mmreid.deploy.quiet import aloud, quiet
from mmreid.deploy.runtimes.exported_model import INPUT, OUTPUT
from mmreid.optional import import_optional

# How the range of a map is found; the first that keeps the score is taken, and they are
# in the order of what they cost.
_METHODS = ('MinMax', 'Percentile', 'Entropy')
# What has int8 kernels and stands between layers that have, so that maps need not be
# float in between. Not Mul and Softmax, of which attention is made.
_KINDS = (
    *('Conv', 'Gemm', 'MatMul', 'Add', 'Relu', 'Clip', 'Concat'),
    *('MaxPool', 'AveragePool', 'GlobalAveragePool'),
)
_BATCH = 16
# Errors of nodes are measured on these.
_RANKING = 8
_ERRORS_ONLY = 3
USE = 'Writing int8 ONNX files'


class Quantizer:
    """Files of one network, each quantised in another way.

    Args:
        source (Path): The float32 file.
        folder (Path): For what is written on the way.
        pictures (np.ndarray): For calibration.
        validate (Callable): As of :func:`~.onnx_int8.quantize_onnx`.
        progress (Callable, optional): As of it.

    Attributes:
        exact: Score of the source.
        reached: Score of the best file.
        best: This file.
        method: By which its ranges were found.
        attempts: What was measured.
    """

    def __init__(
        self,
        source: Path,
        folder: Path,
        pictures: np.ndarray,
        validate: Validate,
        progress: Progress | None,
    ) -> None:
        self._folder, self._pictures = folder, pictures
        self._validate, self._progress = validate, progress
        self._prepared = folder / 'prepared.onnx'
        # Symbolic inference fails on some graphs, and the exporter wrote all shapes.
        with quiet():
            onnxruntime_part('quantization.shape_inference').quant_pre_process(
                source, self._prepared, skip_symbolic_shape=True
            )
        self.attempts: list[Attempt] = []
        self.exact = self._measure(source, 'float32')
        self.method, self.reached, self.best = _METHODS[0], -np.inf, source

    def find_method(self, max_drop: float) -> None:
        """Find the ranges of maps, by the first way of all that keeps the score."""
        for method in _METHODS:
            file = self._write(method, ())
            score = self._measure(file, f'ranges by {method}')
            if score > self.reached:
                self.method, self.reached, self.best = method, score, file
            if self.exact - self.reached <= max_drop:
                return

    def find_excluded(self, max_drop: float) -> tuple[str, ...] | None:
        """Leave nodes in float32, the worst first, until the score is kept.

        Args:
            max_drop (float): Points of the score that may be lost.

        Returns:
            tuple[str, ...] | None: Names of the nodes; None where nothing helped.
        """
        if self.exact - self.reached <= max_drop:
            return ()
        with quiet():
            groups = rank_groups(
                self._prepared,
                self.best,
                _KINDS,
                self._pictures[:_RANKING],
                self._folder,
            )

        def worst(count: int) -> tuple[str, ...]:
            return tuple({name: None for group in groups[:count] for name in group})

        low, high = 0, 1
        while not self._try(worst(high), max_drop):
            if high >= len(groups):
                return None
            low, high = high, min(2 * high, len(groups))
        while high - low > 1:
            middle = (low + high) // 2
            if self._try(worst(middle), max_drop):
                high = middle
            else:
                low = middle
        return worst(high)

    def _try(self, excluded: tuple[str, ...], max_drop: float) -> bool:
        """See whether it helps to have some nodes in float32."""
        file = self._write(self.method, excluded)
        how = f'ranges by {self.method}, {len(excluded)} nodes in float32'
        score = self._measure(file, how)
        if self.exact - score > max_drop:
            return False
        self.best, self.reached = file, score
        return True

    def _write(self, method: str, excluded: Iterable[str]) -> Path:
        """Write a quantised file."""
        library = onnxruntime_part('quantization')
        names = [*excluded]
        file = self._folder / f'{method}{len(names)}.onnx'
        reader = _Reader(split(self._pictures, _BATCH), self._progress)
        with quiet():
            library.quantize_static(
                self._prepared,
                file,
                reader,
                op_types_to_quantize=[*_KINDS],
                per_channel=True,
                activation_type=library.QuantType.QUInt8,
                weight_type=library.QuantType.QInt8,
                nodes_to_exclude=names,
                calibrate_method=getattr(library.CalibrationMethod, method),
                # Batch by batch: else the maps of all pictures are held at once.
                extra_options=dict(CalibStridedMinMax=1),
                calibration_cache_path=self._folder / f'{method}.json',
            )
        return file

    def _measure(self, file: Path, how: str) -> float:
        """Measure the score of a file."""
        onnxruntime = import_optional('onnxruntime', USE)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _ERRORS_ONLY
        session = onnxruntime.InferenceSession(
            str(file), options, providers=['CPUExecutionProvider']
        )
        score = self._validate(lambda x: session.run([OUTPUT], {INPUT: x})[0])
        self.attempts.append(Attempt(how, score))
        return score


class _Reader:
    """Batches as ONNX Runtime's calibration asks for them.

    Args:
        batches (list[np.ndarray]): Of pictures.
        progress (Callable, optional): Called with the pictures given, and all.
    """

    def __init__(self, batches: list[np.ndarray], progress: Progress | None) -> None:
        self._batches = batches
        self._progress = aloud(progress) if progress is not None else None
        self._next, self._end = 0, len(batches)
        self._total = sum(map(len, batches))

    def __len__(self) -> int:
        return len(self._batches)

    def set_range(self, start_index: int, end_index: int) -> None:
        """Say which batches to give."""
        self._next, self._end = start_index, end_index

    def get_next(self) -> dict[str, Any] | None:
        """Give the next batch; None after the last."""
        if self._next >= self._end:
            return None
        batch = self._batches[self._next]
        self._next += 1
        if self._progress is not None:
            self._progress(sum(map(len, self._batches[: self._next])), self._total)
        return {INPUT: batch}


def onnxruntime_part(part: str) -> Any:
    """Import a part of ONNX Runtime.

    Args:
        part (str): Its name within the package.

    Raises:
        ImportError: onnxruntime is not installed.
    """
    return import_optional(f'onnxruntime.{part}', USE)
