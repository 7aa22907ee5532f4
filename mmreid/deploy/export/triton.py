"""A model repository for NVIDIA's Triton Inference Server, of one exported file.

The layout is that of Triton's docs/user_guide/model_repository.md; the fields of
``config.pbtxt`` are those of the message ModelConfig in protobuf/model_config.proto of
triton-inference-server/common, with what the onnxruntime and openvino backends say in
their READMEs.
"""

import os
import re
import shutil
from pathlib import Path

from mmreid.arguments import check_count
from mmreid.deploy.export.writing import parts_of
from mmreid.deploy.facts import KEY, ExportedFacts
from mmreid.deploy.runtimes.exported_model import INPUT, OUTPUT
from mmreid.files import check_file, whole_file

# Kind of file -> backend, and the largest batch that the server makes of requests. 0:
# none. OpenVINO's backend computes every batch as if it were of the largest size, and
# a single picture would take as long as that.
_BACKENDS = {'.onnx': ('onnxruntime', 64), '.xml': ('openvino', 0)}

_HEADER = """\
# Pictures are uint8 (N, {height}, {width}, 3), channels {channels}, resized by
# {resize_backend}'s {interpolation}; vectors are float32 (N, {dim}). All of it is in
# the parameter mmreid.
"""
_TENSORS = """\
name: "{name}"
backend: "{backend}"
max_batch_size: {batch}
input [
  {{
    name: "{input}"
    data_type: TYPE_UINT8{layout}
    dims: [ {pictures} ]
  }}
]
output [
  {{
    name: "{output}"
    data_type: TYPE_FP32
    dims: [ {vectors} ]
  }}
]
instance_group [ {{ count: {instances}{kind} }} ]
"""


def find_triton_place(
    folder: str | os.PathLike, name: str, overwrite: bool = False
) -> Path:
    """Find where a model goes in a model repository.

    Args:
        folder (str | PathLike): The repository; it need not be there yet.
        name (str): Of the model. What an address cannot hold becomes ``_``.
        overwrite (bool): Whether a model of this name may be there. Defaults to False.

    Returns:
        Path: The model's folder, whose name is what clients ask for.

    Raises:
        FileExistsError: There is one, and it may not.
    """
    place = Path(folder) / (re.sub(r'[^A-Za-z0-9_.-]+', '_', name).strip('.') or '_')
    if place.exists() and not overwrite:
        raise FileExistsError(
            f'{str(place)!r} is already there, and may have been changed by hand; '
            'overwrite it if it is not needed, or give another folder.'
        )
    return place


def write_triton(
    model_path: str | os.PathLike,
    folder: str | os.PathLike,
    facts: ExportedFacts,
    *,
    max_batch_size: int | None = None,
    instances: int = 1,
    overwrite: bool = False,
) -> Path:
    """Write a model repository that ``tritonserver --model-repository`` takes.

    Args:
        model_path (str | PathLike): An ``.onnx`` file, or an ``.xml`` file with its
            ``.bin`` beside it. It is copied.
        folder (str | PathLike): The repository, to which the model is added.
        facts (ExportedFacts): What the file tells of itself. They become the parameter
            ``mmreid`` of the model's configuration, which clients can ask for.
        max_batch_size (int, optional): The server makes one batch of waiting requests,
            of at most so many pictures; 0 for none, then a request is computed as it
            came. OpenVINO's backend fills up every batch to this size. Defaults to
            None: 64 for ``.onnx``, 0 for ``.xml``.
        instances (int): How many requests or batches are computed at once, by one
            processor or graphics card. Defaults to 1.
        overwrite (bool): Replace a model of this name, its files for another backend
            included. Defaults to False.

    Returns:
        Path: The model's folder.

    Raises:
        FileNotFoundError: There is no such file.
        FileExistsError: The repository has a model of this name, not to be replaced.
        ValueError: The file is of another kind, or a number is too small.
    """
    source = Path(model_path)
    if source.suffix not in _BACKENDS:
        raise ValueError(
            f'model_path must end in {" or ".join(_BACKENDS)}, which Triton serves, '
            f'got {str(model_path)!r}. Export with --to onnx or openvino.'
        )
    if max_batch_size is not None:
        check_count('max_batch_size', max_batch_size, least=0)
    check_count('instances', instances)
    sources = parts_of(source)
    for file in sources:
        check_file(file)
    place = find_triton_place(folder, facts.name, overwrite)
    for file in sources:
        with whole_file(place / '1' / f'model{file.suffix}') as target:
            shutil.copyfile(file, target)
    text = _configure(source.suffix, place.name, facts, max_batch_size, instances)
    # Last: without it no server takes an unfinished folder for a model.
    with whole_file(place / 'config.pbtxt') as target:
        target.write_text(text, 'utf-8')
    kept = {f'model{file.suffix}' for file in sources}
    for name in {'model.onnx', 'model.xml', 'model.bin'} - kept:
        (place / '1' / name).unlink(missing_ok=True)
    return place


def _configure(
    kind: str,
    name: str,
    facts: ExportedFacts,
    max_batch_size: int | None,
    instances: int,
) -> str:
    """Write a message ModelConfig as text."""
    backend, usual = _BACKENDS[kind]
    batch = usual if max_batch_size is None else max_batch_size
    # Where the server makes no batches, the number of pictures is one of the sizes.
    own = '' if batch else '-1, '
    text = _HEADER.format(**vars(facts)) + _TENSORS.format(
        name=name,
        backend=backend,
        batch=batch,
        input=INPUT,
        # It tells of three sizes.
        layout='\n    format: FORMAT_NHWC' if batch else '',
        pictures=f'{own}{facts.height}, {facts.width}, 3',
        output=OUTPUT,
        vectors=f'{own}{facts.dim}',
        instances=instances,
        kind=' kind: KIND_CPU' if backend == 'openvino' else '',
    )
    if batch:
        text += 'dynamic_batching { }\n'
    parameters = {KEY: facts.to_json()}
    if backend == 'openvino':
        if batch:
            parameters['ENABLE_BATCH_PADDING'] = 'YES'
        if facts.precision == 'bfloat16':
            parameters['HINT_BF16'] = 'YES'
    return text + ''.join(
        f'parameters {{ key: "{key}" value {{ string_value: {_quote(value)} }} }}\n'
        for key, value in parameters.items()
    )


def _quote(text: str) -> str:
    """Write a string of protobuf's text format."""
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'
