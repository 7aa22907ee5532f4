"""``.onnx`` files, run by ONNX Runtime on the processor."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from mmreid.deploy.facts import KEY, ExportedFacts, ExportedFileError
from mmreid.deploy.runtimes.exported_model import INPUT, OUTPUT, ExportedModel
from mmreid.optional import import_optional

_ERRORS_ONLY = 3
_MOST_CHARACTERS = 300
_SOURCE = re.compile(r'^/\S+:\d+ .*?\) ', re.DOTALL)


class OnnxModel(ExportedModel):
    """An ``.onnx`` file.

    Args:
        path (Path): The file.
        threads (int, optional): How many compute. Defaults to None: all processors.

    Raises:
        ExportedFileError: It is damaged, or none of mmreid's.
        ImportError: ONNX Runtime is not installed.
    """

    runtime = 'onnxruntime'

    def __init__(self, path: Path, threads: int | None = None) -> None:
        runtime = import_optional(
            'onnxruntime', f'Running {path.name}', install='onnxruntime'
        )
        options = runtime.SessionOptions()
        options.log_severity_level = _ERRORS_ONLY
        if threads is not None:
            options.intra_op_num_threads = threads
        try:
            self._session = runtime.InferenceSession(
                str(path), options, providers=['CPUExecutionProvider']
            )
        except Exception as error:  # a class of its own for each kind of damage
            raise ExportedFileError(
                f'{path} cannot be run by ONNX Runtime {runtime.__version__}: '
                f'{_explain(str(error))}'
            ) from error
        text = self._session.get_modelmeta().custom_metadata_map.get(KEY)
        if text is None:
            raise ExportedFileError.without_facts(path)
        super().__init__(path, ExportedFacts.from_json(text, str(path)), threads)
        _check_ends(path, self._session)

    def _run(self, pictures: np.ndarray) -> Any:
        return self._session.run([OUTPUT], {INPUT: pictures})[0]


def _explain(reason: str) -> str:
    """Say what may be wrong with a file, of what the runtime says."""
    # Before it stand the file's name, and the place in the runtime's own source.
    reason = _SOURCE.sub('', reason.rpartition(' failed:')[2] or reason).strip()
    reason = reason.rstrip('.')
    if len(reason) > _MOST_CHARACTERS:  # of which the last sentence says what is known
        reason = reason.rpartition('. ')[2][:_MOST_CHARACTERS]
    if re.search('opset|IR version|is not a registered', reason):
        return f'{reason}. It was made for a later version; update onnxruntime.'
    return f'{reason}. It is damaged or something else; export the model again.'


def _check_ends(path: Path, session: Any) -> None:
    """Refuse a file whose input or output has another name."""
    found = [
        [x.name for x in ends] for ends in (session.get_inputs(), session.get_outputs())
    ]
    if found != [[INPUT], [OUTPUT]]:
        raise ExportedFileError(
            f'{path} has the inputs {found[0]} and the outputs {found[1]}, where '
            f'exported files have {INPUT} and {OUTPUT}; export it again.'
        )
