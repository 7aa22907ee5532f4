"""What a published checkpoint tells of itself."""

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import mmengine
import torch

from mmreid.engine import UnreadableCheckpointError
from mmreid.engine.config_files.literals import MOST_CHARACTERS
from mmreid.engine.config_files.parsing import parse_again
from mmreid.engine.hooks import describe_training
from mmreid.files import read_json
from mmreid.version import __version__

# What a checkpoint tells of its training; the rest continues that training.
_KEPT = (
    'cfg',
    'dataset_meta',
    'epoch',
    'iter',
    'seed',
    'experiment_name',
    'time',
    'mmengine_version',
    'averaged',
    'results',
    'operating_point',
    'reduced',
    # Of weights of other programs.
    *('layout', 'source', 'facts', 'name', 'license'),
    *('config_file', 'options', 'trunk'),
)
# What a config says of the machine that it ran on.
_LOCAL = {'work_dir', 'load_from', 'resume', 'launcher'}
# What a text that is no Python, or is nested too deeply, leads to.
_UNPARSED = (SyntaxError, ValueError, RecursionError, MemoryError)


def describe_checkpoint(meta: Mapping[str, Any], averaged: bool) -> dict[str, Any]:
    """Collect what is told of weights.

    Args:
        meta (Mapping[str, Any]): The ``meta`` of a checkpoint.
        averaged (bool): Whether its weights are moving averages.

    Returns:
        dict[str, Any]: Config, training, versions; no more than JSON knows.

    Raises:
        UnreadableCheckpointError: JSON does not know it.
    """
    kept = {key: meta[key] for key in _KEPT if key in meta}
    if isinstance(kept.get('cfg'), str):
        kept['cfg'] = _without_machine(kept['cfg'])
    if averaged:
        kept['averaged'] = True
    versions = dict(
        mmreid=__version__, mmengine=mmengine.__version__, torch=torch.__version__
    )
    kept['published_with'] = versions
    # Data sets may describe themselves with arrays.
    try:
        return json.loads(json.dumps(kept, default=_plain))
    except TypeError as error:  # keys that are no names
        raise UnreadableCheckpointError(
            f"the checkpoint's metadata (meta) cannot be published: {error}."
        ) from error


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, 'tolist') else str(value)


def _without_machine(config: str) -> str:
    """Leave out of a config's text what it says of a machine; it is not run."""
    if len(config) > MOST_CHARACTERS:  # parsing it would take minutes
        return config
    try:
        statements = parse_again(lambda: ast.parse(config)).body
    except _UNPARSED:  # of another form than mmengine's; it stays
        return config
    lines = config.splitlines(keepends=True)
    for statement in reversed(statements):
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if any(isinstance(t, ast.Name) and t.id in _LOCAL for t in targets):
            del lines[statement.lineno - 1 : statement.end_lineno]
    return ''.join(lines)


def read_results(path: Path, dataset_meta: Mapping | None) -> dict[str, Any]:
    """Read the metrics of a test.

    Args:
        path (Path): What ``tools/test.py --out FILE.json`` has written.
        dataset_meta (Mapping | None): The metainfo of the training data.

    Returns:
        dict[str, Any]: All but the values of single queries.

    Raises:
        ValueError: The file is no JSON, has no protocol, or is of a model trained on
            other data.
        OSError: The file cannot be read.
    """
    content = _without_queries(read_json(path))
    protocols = list(_protocols(content))
    if not protocols:
        raise ValueError(
            f'{path} holds no results with their protocol; write it with '
            'mmreid test CONFIG CHECKPOINT --out FILE.json.'
        )
    trained_on = describe_training(dataset_meta)
    for protocol in protocols:
        data = protocol.get('trained_on', trained_on)  # null: of no training
        if trained_on and data != trained_on:
            raise ValueError(
                f'{path} is of a model trained on {data or "nothing known"}, but the '
                f'checkpoint was trained on {trained_on}; test this checkpoint.'
            )
    return content


def _without_queries(content: Any) -> Any:
    """Leave out the values of single queries."""
    if not isinstance(content, dict):
        return content
    return {
        key: _without_queries(value)
        for key, value in content.items()
        if key.rpartition('/')[2] != 'per_query'
    }


def _protocols(content: Any) -> Iterator[Mapping[str, Any]]:
    """Find the protocol stamps: one, or one for each of several test sets."""
    blocks = [content, *content.values()] if isinstance(content, dict) else []
    for block in blocks:
        for key, value in block.items() if isinstance(block, dict) else ():
            if key.rpartition('/')[2] == 'protocol' and isinstance(value, dict):
                yield value
