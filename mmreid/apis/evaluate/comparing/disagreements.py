"""What results that are compared were not measured alike in."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmreid.evaluation.result import Result
from mmreid.evaluation.stamp import OF_RUN

# Of the stamp, what belongs to a model or a run and not to the protocol.
_OWN = ('embedding_dim', *OF_RUN)
# What may differ between the runs of one method.
_BETWEEN_RUNS = ('split_index',)


def find_disagreements(
    methods: Mapping[str, Sequence[Result]],
) -> dict[str, dict[str, Any]]:
    """Find what the protocol stamps of results disagree in.

    Args:
        methods (Mapping[str, Sequence[Result]]): Results by the method's name.

    Returns:
        dict[str, dict[str, Any]]: By key of the stamp, the values by method, or by
        file where the runs of one method disagree; a missing entry is None.
    """
    disagreements = _differing(
        {name: runs[0].protocol for name, runs in methods.items()}
    )
    for runs in methods.values():
        for key, values in _differing({run.name: run.protocol for run in runs}).items():
            if key not in _BETWEEN_RUNS:
                disagreements[key] = {**disagreements.get(key, {}), **values}
    return disagreements


def _differing(stamps: Mapping[str, dict]) -> dict[str, dict[str, Any]]:
    """Return what not all stamps agree in: by key, the value of each."""
    keys = dict.fromkeys(
        key for stamp in stamps.values() for key in stamp if key not in _OWN
    )
    found = {key: {n: stamp.get(key) for n, stamp in stamps.items()} for key in keys}
    return {
        key: values
        for key, values in found.items()
        if any(value != next(iter(values.values())) for value in values.values())
    }
