"""How many persons a classifier tells apart, where the config leaves it to the data."""

import contextlib
import inspect
import warnings
from collections.abc import Mapping
from os import PathLike
from typing import Any

from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch import Tensor

from mmreid.engine.checkpoints import Checkpoint
from mmreid.registry import DATASETS, MODELS

# What a config or its data may be wrong in.
_UNREADABLE = (OSError, ValueError, TypeError, KeyError)


def fill_num_classes(
    cfg: Config,
    checkpoint: str | PathLike | Checkpoint | None = None,
    read_data: bool = False,
) -> int | None:
    """Fill in ``model.head.num_classes`` where a config leaves it out.

    The first of these that tells the number is believed:

    1. the config. None there is an answer, too: a head without classifiers;
    2. the training data, if it is to be read and can be;
    3. the classifiers of the checkpoint;
    4. what the training data set is known to hold before it is read
       (``declared_ids``), which needs no picture on the disk.

    Where nothing tells it, the config says None from then on, and the network is built
    without classifiers; if the data was to be read, to train on it, the number stays
    left out.

    Args:
        cfg (Config): A whole config, changed in place, unless its head has no argument
            of that name.
        checkpoint (str | PathLike | Checkpoint, optional): Weights for the model.
            Defaults to None.
        read_data (bool): Read the training data. Defaults to False.

    Returns:
        int | None: The number that the config has now; None where it has none.

    Raises:
        CheckpointError: The checkpoint cannot be read.
        FileNotFoundError: There is no such checkpoint.
    """
    with DefaultScope.overwrite_default_scope(cfg.get('default_scope', 'mmreid')):
        return _fill(cfg, checkpoint, read_data)


def _fill(
    cfg: Config, checkpoint: str | PathLike | Checkpoint | None, read_data: bool
) -> int | None:
    """Fill the number in, in the config's scope, in which wrappers build data sets."""
    head: Any = (cfg.get('model') or {}).get('head')
    if not _takes_num_classes(head):
        return None
    if 'num_classes' in head:
        return head['num_classes']
    dataset = _training_data(cfg)
    number = _count(dataset) if read_data else None
    if number is None and checkpoint is not None:
        number = _number_in(checkpoint)
    if number is None:
        number = _declared(dataset)
    if number is not None or not read_data:
        head['num_classes'] = number
    return number


def _training_data(cfg: Config) -> Any:
    """Return the data set of the training loader, or its config."""
    loader = cfg.get('train_dataloader')
    if isinstance(loader, Mapping):
        return loader.get('dataset')
    return getattr(loader, 'dataset', None)


def _takes_num_classes(head: Any) -> bool:
    """Whether a head, or its config, asks for the number."""
    if not isinstance(head, Mapping):
        return False
    kind = head.get('type')
    kind = MODELS.get(kind) if isinstance(kind, str) else kind
    return kind is not None and 'num_classes' in inspect.signature(kind).parameters


def _count(dataset: Any) -> int | None:
    """Count the persons of training data.

    Data that cannot be read tells nothing here: whoever trains on it reads it again,
    and gets the error.

    Args:
        dataset (Any): A data set or its config; None tells nothing.
    """
    with contextlib.suppress(*_UNREADABLE), warnings.catch_warnings():
        warnings.simplefilter('ignore')  # it warns again when it is trained on
        if isinstance(dataset, Mapping):
            dataset = DATASETS.build(_without_pictures(dataset))
        if hasattr(dataset, 'full_init'):
            dataset.full_init()
        return getattr(dataset, 'metainfo', {}).get('num_ids') or None
    return None


def _number_in(checkpoint: str | PathLike | Checkpoint) -> int | None:
    """Read from a checkpoint how many persons its classifiers tell apart."""
    sizes = {
        value.shape[1]  # parts, persons, channels (of each centre of a person)
        for key, value in Checkpoint.of(checkpoint).weights.items()
        if key.startswith('head.') and key.endswith('.classifier.weight')
        if isinstance(value, Tensor) and value.ndim in (3, 4)
    }
    return sizes.pop() if len(sizes) == 1 else None


def _declared(dataset: Any) -> int | None:
    """Ask a data set, or its config, what it holds, without reading it."""
    inner = _inner_of(dataset)
    if inner is not None:  # in a wrapper that repeats or balances
        return _declared(inner)
    if isinstance(dataset, Mapping):
        if not _is_lazy(dataset.get('type')):
            return None
        with contextlib.suppress(*_UNREADABLE):
            lazy = DATASETS.build({**_without_pictures(dataset), 'lazy_init': True})
            return _declared(lazy)
    return getattr(dataset, 'declared_ids', None)


def _inner_of(dataset: Any) -> Any:
    """Return what a data set, or its config, wraps; None where it wraps nothing."""
    if isinstance(dataset, Mapping):
        return dataset.get('dataset')
    return getattr(dataset, 'dataset', None)


def _is_lazy(kind: Any) -> bool:
    """Whether data sets of a type can be built without being read."""
    kind = DATASETS.get(kind) if isinstance(kind, str) else kind
    parameters = inspect.signature(kind).parameters.values() if kind else ()
    return any(p.name == 'lazy_init' or p.kind is p.VAR_KEYWORD for p in parameters)


def _without_pictures(dataset: Mapping) -> dict[str, Any]:
    """Leave out of the config of a data set what is for its pictures alone."""
    plain = {key: value for key, value in dataset.items() if key != 'cache'}
    if 'pipeline' in plain:
        plain['pipeline'] = []
    if isinstance(plain.get('dataset'), Mapping):
        plain['dataset'] = _without_pictures(plain['dataset'])
    if isinstance(plain.get('datasets'), list | tuple):
        plain['datasets'] = [
            _without_pictures(part) if isinstance(part, Mapping) else part
            for part in plain['datasets']
        ]
    return plain
