"""OpenVINO's ``.xml`` files with their ``.bin``, run on the processor."""

import logging
import re
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from mmreid.deploy.facts import (
    KEY,
    WEIGHTS_KEY,
    ExportedFacts,
    ExportedFileError,
)
from mmreid.deploy.runtimes.exported_model import INPUT, OUTPUT, ExportedModel
from mmreid.deploy.signal_stack import kept_signal_stack
from mmreid.files import digest_of
from mmreid.optional import import_optional

# Of OpenVINO's intermediate representation, since 2022.
_NEWEST = 11
_HEAD = re.compile(rb'\s*(<\?xml[^>]*>\s*)?<net\b[^>]*\bversion="(?P<version>\d{1,9})"')
_HEAD_BYTES = 65_536
_MOST_CHARACTERS = 300
_LOGGER = logging.getLogger(__name__)


class OpenVinoModel(ExportedModel):
    """An ``.xml`` file.

    Where its facts have the precision ``bfloat16`` and the processor multiplies in it,
    that is what it computes in, otherwise float32: OpenVINO's own choice would differ
    from machine to machine.

    Args:
        path (Path): The file.
        threads (int, optional): How many compute. Defaults to None: all processors.

    Raises:
        ExportedFileError: It is damaged, or none of mmreid's.
        ImportError: OpenVINO is not installed.
    """

    runtime = 'openvino'

    def __init__(self, path: Path, threads: int | None = None) -> None:
        openvino = import_optional(
            'openvino', f'Running {path.name}', install='openvino'
        )
        _check_head(path)
        core = openvino.Core()
        try:
            network = core.read_model(path)
        except Exception as error:
            raise ExportedFileError(_explain(path, error)) from error
        if not network.has_rt_info([KEY]):
            raise ExportedFileError.without_facts(path)
        text = network.get_rt_info([KEY]).value
        facts = ExportedFacts.from_json(text, str(path))
        super().__init__(path, facts, threads)
        _check_ends(path, network)
        _check_weights(path, network)
        try:
            with kept_signal_stack():
                options = _options(core, facts.precision, threads)
                self._compiled = core.compile_model(network, 'CPU', options)
        except Exception as error:
            raise ExportedFileError(_explain(path, error)) from error
        self._request = self._compiled.create_infer_request()
        self._lock = Lock()

    @property
    def files(self) -> tuple[Path, ...]:
        """The file and its weights."""
        return (self.path, self.path.with_suffix('.bin'))

    def _run(self, pictures: np.ndarray) -> Any:
        # A request has one answer at a time, and writes the next one over it.
        with self._lock:
            return self._request.infer({INPUT: pictures})[OUTPUT].copy()


def _options(core: Any, precision: str, threads: int | None) -> dict[str, Any]:
    """Say how OpenVINO is to compute."""
    options: dict[str, Any] = {}
    options['INFERENCE_PRECISION_HINT'] = _precision(core, precision)
    if threads is not None:
        options['INFERENCE_NUM_THREADS'] = threads
    return options


def _precision(core: Any, precision: str) -> str:
    """Say what OpenVINO is to compute in."""
    if precision != 'bfloat16':
        return 'f32'
    if 'BF16' in core.get_property('CPU', 'OPTIMIZATION_CAPABILITIES'):
        return 'bf16'
    _LOGGER.warning('This processor has no bfloat16: float32 is computed in.')
    return 'f32'


def _check_head(path: Path) -> None:
    """Refuse another file, which OpenVINO would try all its readers on."""
    with path.open('rb') as file:
        head = _HEAD.match(file.read(_HEAD_BYTES))
    if head is None:
        raise ExportedFileError(
            f'{path} is no file of OpenVINO, or a damaged one; export the model again.'
        )
    if int(head['version']) > _NEWEST:
        raise ExportedFileError(
            f"{path} has the version {head['version'].decode()} of OpenVINO's form, "
            f'and {_NEWEST} is known; update mmreid and openvino, or export it again.'
        )


def _check_weights(path: Path, network: Any) -> None:
    """Refuse the weights of another file, which may fit as well."""
    weights = path.with_suffix('.bin')
    if not network.has_rt_info([WEIGHTS_KEY]):
        return
    if digest_of(weights) != network.get_rt_info([WEIGHTS_KEY]).value:
        raise ExportedFileError(
            f'{path} and {weights.name} do not belong together, or one is damaged: the '
            'weights have another SHA-256 than it tells. Copy both again.'
        )


def _check_ends(path: Path, network: Any) -> None:
    """Refuse a file whose input or output has another name."""
    found = [
        sorted(name for end in ends for name in end.names)
        for ends in (network.inputs, network.outputs)
    ]
    if INPUT not in found[0] or OUTPUT not in found[1] or len(network.inputs) > 1:
        raise ExportedFileError(
            f'{path} has the inputs {found[0]} and the outputs {found[1]}, where '
            f'exported files have {INPUT} and {OUTPUT}; export it again.'
        )


def _explain(path: Path, error: Exception) -> str:
    """Say what may be wrong with a file."""
    weights = path.with_suffix('.bin')
    if not weights.is_file():
        return f'{path} needs its weights beside it, {weights.name}, which is missing.'
    reason = (str(error).strip().splitlines() or [type(error).__name__])[-1]
    return (
        f'{path} cannot be run by OpenVINO: {reason[:_MOST_CHARACTERS]} Either it or '
        f'{weights.name} is damaged, then export it again, or it was made for a later '
        'version, then update openvino.'
    )
