"""int8 for OpenVINO by NNCF, whose loop over layers keeps the score.

NNCF: https://github.com/openvinotoolkit/nncf, "Quantizing with accuracy control".
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.deploy.openvino_saving import keep_facts, save_network
from mmreid.deploy.precision.calibration import gather, split
from mmreid.deploy.precision.openvino_layers import is_transformer, split_layers
from mmreid.deploy.precision.report import (
    Attempt,
    PrecisionReport,
    Progress,
    Validate,
    check_drop,
    refuse,
)
from mmreid.deploy.quiet import aloud, quiet
from mmreid.deploy.runtimes.exported_model import INPUT, OUTPUT
from mmreid.deploy.signal_stack import kept_signal_stack
from mmreid.optional import import_optional

# Ranges of maps are found in batches, but for transformers, for which NNCF says that
# these mislead it.
_BATCH = 16
# Pictures on which it is tried which layer to have in float32: one trial a layer.
_RANKING = 32


def quantize_openvino(
    source: Path,
    target: Path,
    calibration: Iterable[np.ndarray],
    *,
    validate: Validate,
    max_drop: float,
    progress: Progress | None = None,
) -> PrecisionReport:
    """Write an int8 file for OpenVINO, as many layers in float32 as the score demands.

    Args:
        source (Path): A float32 file, ``.xml`` or ``.onnx``.
        target (Path): The ``.xml`` file to write, and a ``.bin`` beside it; facts are
            those of the source.
        calibration (Iterable[np.ndarray]): As of :func:`quantize_onnx`.
        validate (Callable): As of that.
        max_drop (float): As of that.
        progress (Callable, optional): As of that. Defaults to None.

    Returns:
        PrecisionReport: What was done.

    Raises:
        ImportError: openvino or nncf is not installed.
        PrecisionError: The loss is larger, whatever is in float32.
        ValueError: There is no calibration picture, or ``max_drop`` is negative.
    """
    check_drop(max_drop)
    use = 'Writing int8 files for OpenVINO'
    nncf = import_optional('nncf', use)
    openvino = import_optional('openvino', use)
    pictures = gather(calibration)
    network = openvino.Core().read_model(source)
    judge = _Judge(openvino, network, pictures, aloud(validate))
    with tempfile.TemporaryDirectory() as folder:
        result = _quantize(nncf, network, pictures, judge, max_drop, folder, progress)
        plain = openvino.Core().read_model(Path(folder, 'intermediate_model.xml'))
        at_first, _ = split_layers(plain)
        del plain  # it has the file mapped
    int8_layers, float_layers = split_layers(result)
    exact = judge.attempts[0].score
    reached = judge.attempts[-1].score
    if exact - reached > max_drop or not int8_layers:
        raise refuse(Path(source).name, exact, max_drop, judge.attempts[1:])
    keep_facts(network, result)
    if result.has_rt_info(['nncf']):  # paths of this machine
        del result.rt_info['nncf']
    save_network(result, target)
    return PrecisionReport(
        runtime='openvino',
        method='NNCF',
        num_pictures=len(pictures),
        exact=exact,
        reached=reached,
        int8_layers=int8_layers,
        float_layers=float_layers,
        fell_back=tuple(name for name in float_layers if name in set(at_first)),
        attempts=tuple(judge.attempts),
    )


def _quantize(
    nncf: Any,
    network: Any,
    pictures: np.ndarray,
    judge: '_Judge',
    max_drop: float,
    folder: str,
    progress: Progress | None,
) -> Any:
    """Have NNCF do the work; what it began with stays in the folder."""
    advanced = nncf.quantization.advanced_parameters
    is_attentive = is_transformer(network)
    batches = split(pictures, 1 if is_attentive else _BATCH)
    with quiet(), kept_signal_stack() as put_back:

        def measure(compiled: Any, numbers: Iterable[int]) -> tuple[float, list[float]]:
            put_back()
            return judge(compiled, numbers)

        return nncf.quantize_with_accuracy_control(
            network,
            calibration_dataset=_counted(nncf, batches, len(pictures), progress),
            validation_dataset=nncf.Dataset(range(len(judge.batches))),
            validation_fn=measure,
            max_drop=max_drop / 100,
            drop_type=nncf.DropType.ABSOLUTE,
            preset=nncf.QuantizationPreset.MIXED,
            subset_size=len(batches),
            fast_bias_correction=True,
            model_type=nncf.ModelType.TRANSFORMER if is_attentive else None,
            advanced_quantization_parameters=advanced.AdvancedQuantizationParameters(
                batchwise_statistics=not is_attentive
            ),
            advanced_accuracy_restorer_parameters=(
                advanced.AdvancedAccuracyRestorerParameters(
                    # One fewer than there are: see _Judge.
                    ranking_subset_size=len(judge.batches) - 1,
                    num_ranking_workers=1,  # each holds a network
                    intermediate_model_dir=folder,
                )
            ),
        )


def _counted(
    nncf: Any, batches: list[np.ndarray], total: int, progress: Progress | None
) -> Any:
    """Wrap batches so that it is told how many pictures were asked for."""
    tell = aloud(progress) if progress is not None else None
    done = 0

    def use(batch: np.ndarray) -> np.ndarray:
        nonlocal done
        done += len(batch)
        if tell is not None:  # its correction of biases begins anew
            tell(min(done, total), total)
        return batch

    return nncf.Dataset(batches, use)


class _Judge:
    """What NNCF calls its validation function.

    It calls it with a network and numbers of batches. With all of them it wants the
    metric, which is the score over a test set: no batch has one of its own. With some
    of them, never all, it wants to know which of two networks is better, where the mean
    cosine to the vectors of the float32 network tells, higher for a better one. (Given
    vectors instead of such values, NNCF 3.4 has those layers in float32 first that
    change them least.)

    Args:
        openvino (Any): The package.
        network (openvino.Model): In float32.
        pictures (np.ndarray): From which those of the batches are taken.
        validate (Callable): As of :func:`quantize_openvino`.
    """

    def __init__(
        self, openvino: Any, network: Any, pictures: np.ndarray, validate: Validate
    ) -> None:
        chosen = np.linspace(0, len(pictures) - 1, max(2, min(_RANKING, len(pictures))))
        self.batches = split(pictures[chosen.astype(int)], 8, least=2)
        self.attempts: list[Attempt] = []
        self._validate = validate
        options = dict(INFERENCE_PRECISION_HINT='f32')
        with kept_signal_stack():
            compiled = openvino.Core().compile_model(network, 'CPU', options)
        self._exact = [_run(compiled, batch) for batch in self.batches]

    def __call__(
        self, compiled: Any, numbers: Iterable[int]
    ) -> tuple[float, list[float]]:
        """Measure a network as NNCF asks for it."""
        asked = [*numbers]
        values = [self._compare(compiled, number) for number in asked]
        if len(asked) < len(self.batches):
            return sum(values) / len(values), values
        score = self._validate(lambda pictures: _run(compiled, pictures))
        count = len(self.attempts)
        how = f'{count - 1} groups of layers in float32'
        if count < 2:
            how = ('float32', 'all layers that NNCF can')[count]
        self.attempts.append(Attempt(how, score))
        return score / 100, values

    def _compare(self, compiled: Any, number: int) -> float:
        given, exact = _run(compiled, self.batches[number]), self._exact[number]
        lengths = np.linalg.norm(given, axis=1) * np.linalg.norm(exact, axis=1)
        return float(((given * exact).sum(1) / np.maximum(lengths, 1e-30)).mean())


def _run(compiled: Any, pictures: np.ndarray) -> np.ndarray:
    # A copy: the request writes its next answer into the same memory.
    return compiled({INPUT: pictures})[OUTPUT].copy()
