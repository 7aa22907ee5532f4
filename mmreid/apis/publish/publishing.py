"""From a training's checkpoint to a file for others: weights, and what they are."""

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from mmengine.runner import CheckpointLoader
from torch import Tensor

from mmreid.apis.export.judging import Titled
from mmreid.apis.inference.model_key import model_key
from mmreid.apis.model import init_model
from mmreid.apis.publish.published import Published, tells_config
from mmreid.apis.publish.published_meta import describe_checkpoint, read_results
from mmreid.apis.publish.small_files import make_small
from mmreid.engine import (
    AtomicBackend,
    CheckpointError,
    MismatchedCheckpointError,
    safetensors_bytes,
    weights_of,
)
from mmreid.search import OperatingPoint, load_operating_point

_OURS = ('state_dict', 'meta')


def publish_checkpoint(
    source: str | Path,
    target: str | Path,
    results: str | Path | None = None,
    threshold: str | Path | None = None,
    small: bool = False,
    data: str | Path | None = None,
    progress: Titled | None = None,
) -> Published:
    """Write the weights of a checkpoint to a file that others can use.

    Optimizer, schedulers, log and random states are left out, and of the config what
    it says of the machine (``work_dir``, ``load_from``). Where the training kept
    moving averages (``EMAHook``), these are the weights: mmengine saves them as
    ``state_dict``, what they are averages of as ``ema_state_dict``. The first eight
    digits of the file's SHA-256 become part of its name, so that the same content has
    the same name. It is written aside and renamed.

    Args:
        source (str | Path): A checkpoint, in any form that mmreid loads.
        target (str | Path): ``NAME.pth`` or ``NAME.safetensors``; the file is
            ``NAME-<digits>.pth``. Folders are made.
        results (str | Path, optional): Metrics with their protocol, written by
            ``tools/test.py --out FILE.json``, to be stored; the values of single
            queries are not. Defaults to None.
        threshold (str | Path, optional): An operating point, written by ``mmreid
            threshold --out``, that :func:`mmreid.apis.init_model` gives back. Defaults
            to None.
        small (bool): Write what an embedding needs, in float16, if it ranks a test set
            as the checkpoint does, see :func:`~.small_files.make_small`; the results
            are of that. Defaults to False.
        data (str | Path, optional): That test set. Defaults to None: the config's.
        progress (Callable, optional): Called with the name of a piece of work, gives
            what is called with its work done, and in all. Defaults to None.

    Returns:
        Published: The file, and what is in it. Its ``meta`` holds the text of the
        config (``cfg``), the training's epoch, seed and data, versions, and
        ``results``; in a ``.safetensors`` file they are strings of the metadata, of
        JSON but for ``cfg``.

    Raises:
        ValueError: Another file ending; results without protocol or of another model;
            a threshold of another model; either beside ``small``, which has other
            weights than they are of, or ``data`` without it; a small file that ranks in
            another way.
        CheckpointError: The checkpoint cannot be read or holds no weights, or
            ``.safetensors`` lacks its package.
        FileExistsError: The file is there already.
    """
    target = Path(target)
    if target.suffix not in ('.pth', '.safetensors'):
        raise ValueError(
            f'A published file ends in .pth or .safetensors, got {target}.'
        )
    _check_small(small, results, threshold, data)
    content = CheckpointLoader.load_checkpoint(str(source), 'cpu', logger='silent')
    tensors = _tensors(content, source)
    averaged = 'ema_state_dict' in content
    meta = describe_checkpoint(content.get('meta') or {}, averaged)
    if small:
        tensors, meta = make_small(source, tensors, meta, data, progress)
    if results is not None:
        meta['results'] = read_results(Path(results), meta.get('dataset_meta'))
    if threshold is not None:
        point = load_operating_point(Path(threshold))
        if point.model_key is not None and tells_config(meta):
            _check_threshold(source, threshold, point)
        meta['operating_point'] = point.to_dict()
    encoded = _encode(tensors, meta, target.suffix)
    digits = hashlib.sha256(encoded).hexdigest()[:8]
    path = target.with_name(f'{target.stem}-{digits}{target.suffix}')
    if path.exists():
        raise FileExistsError(f'{path} is there already; nothing was written.')
    AtomicBackend().put(encoded, path)
    parts = content if 'state_dict' in content else ()
    left_out = tuple(part for part in parts if part not in _OURS)
    num_values = sum(tensor.numel() for tensor in tensors.values())
    return Published(path, num_values, meta, left_out)


def _check_small(small: bool, results: Any, threshold: Any, data: Any) -> None:
    """Refuse what is of other weights than those of a small file, and what is idle."""
    if small and (results is not None or threshold is not None):
        raise ValueError(
            'results and threshold must be left out beside small, which changes the '
            f'weights and tests them, got {results or threshold}; publish the small '
            'file once more with a threshold of its own.'
        )
    if data is not None and not small:
        raise ValueError(
            f'data must be left out where nothing is tested, got {data}; set small.'
        )


def _check_threshold(
    source: str | Path, threshold: str | Path, point: OperatingPoint
) -> None:
    """Refuse a threshold that was fitted with another model."""
    try:
        point.check_model(model_key(init_model(checkpoint=source)))
    except (ValueError, CheckpointError) as error:
        raise ValueError(
            f'{threshold} must be a threshold of {source}: {error}'
        ) from error


def _tensors(content: Any, source: str | Path) -> dict[str, Tensor]:
    """Take the weights, each with memory of its own."""
    weights = weights_of(content, source)
    wrong = [key for key, value in weights.items() if not isinstance(value, Tensor)]
    if wrong or not weights:
        why = f'{wrong[0]!r} is no tensor' if wrong else 'it holds no tensors'
        raise MismatchedCheckpointError(
            f'{source} is no checkpoint of a model: {why}. Convert other '
            "programs' files with mmreid convert first."
        )
    # Parts of a larger tensor would take that one along.
    return {
        k: v.detach().clone(memory_format=torch.contiguous_format)
        for k, v in weights.items()
    }


def _encode(
    tensors: Mapping[str, Tensor], meta: Mapping[str, Any], suffix: str
) -> bytes:
    """Make the content of the file."""
    if suffix == '.safetensors':
        return safetensors_bytes(tensors, meta)
    # In memory, because the name of a file that torch.save opens becomes content.
    file = io.BytesIO()
    torch.save(dict(meta=dict(meta), state_dict=dict(tensors)), file)
    return file.getvalue()
