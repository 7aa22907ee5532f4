"""The JSON logs of trainings: read, joined where a run was resumed, compared."""

import difflib
import math
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmreid.files import check_file, parse_json
from mmreid.text_tables import format_table
from mmreid.visualization.training_curves import Curve, draw_curves

# Of both training and validation; a curve of them is one of training.
_OF_TRAINING = {'time', 'data_time'}
_POSITIONS = {'epoch', 'iter', 'step'}
# No training has so many steps, and float64 tells all below apart.
_TOO_MANY = 2**53


@dataclass(frozen=True)
class TrainingLog:
    """What a training has logged.

    Attributes:
        curves (dict[str, Curve]): By what is logged, such as ``'loss'`` or
            ``'reid/mAP'``: positions and values.
        unit (str): Of the positions: ``'epoch'``, or ``'iteration'`` of trainings that
            have no epochs.
        seconds (float): That the iterations took, about, without the validations; NaN
            where it was not logged.
    """

    curves: dict[str, Curve]
    unit: str
    seconds: float = math.nan


def read_log(run: str | Path) -> TrainingLog:
    """Read the JSON logs of a training, which may have been resumed.

    Each start of a training has a folder of its own in ``work_dir``. Where a later one
    repeats steps, for it went on from a checkpoint or began anew, its values count.

    Args:
        run (str | Path): A ``work_dir``, one of the folders in it, or a JSON file.

    Returns:
        TrainingLog: The curves.

    Raises:
        FileNotFoundError: There is no such log.
        ValueError: A file is no log of a training.
    """
    rows: list[dict[str, Any]] = []
    for start in map(_read_rows, _find_files(Path(run))):
        rows = [row for row in rows if not _is_repeated(row, start)] + start
    if not rows:
        raise ValueError(f'Nothing has been logged in {run} yet.')
    length = _epoch_length(rows)
    curves: dict[str, Curve] = {}
    for row in rows:
        left_out = _POSITIONS if _is_training(row) else _POSITIONS | _OF_TRAINING
        for key, value in row.items():
            if key not in left_out and _is_number(value):
                curve = curves.setdefault(key, Curve([], []))
                curve.positions.append(row['iter'] / length)
                curve.values.append(value)
    unit = 'epoch' if 'epoch' in rows[0] else 'iteration'
    return TrainingLog(curves, unit, _sum_time(rows))


def plot_logs(
    runs: Sequence[str | Path], keys: Sequence[str], out_file: str | Path
) -> str:
    """Draw what trainings have logged into one picture, a panel for each value.

    Args:
        runs (Sequence[str | Path]): What :func:`read_log` takes.
        keys (Sequence[str]): Names of values, such as ``'loss'`` and ``'reid/mAP'``.
            One that some runs lack is drawn of the others.
        out_file (str | Path): ``.png``, ``.jpg``, ``.svg`` or ``.pdf``; missing
            folders are made.

    Returns:
        str: A table of the last values.

    Raises:
        FileNotFoundError: There is no such log.
        ValueError: A value that no run has, or positions in different units.
    """
    logs = dict(zip(name_runs(runs), map(read_log, runs), strict=True))
    known = sorted({key for log in logs.values() for key in log.curves})
    for key in keys:
        if key not in known:
            close = difflib.get_close_matches(key, known, cutoff=0.3) or known
            raise ValueError(f'No run has logged {key!r}; there are {close}.')
    units = {log.unit for log in logs.values()}
    if len(units) > 1:
        raise ValueError('Some runs count epochs and others do not; plot them apart.')
    panels = {
        key: {name: log.curves[key] for name, log in logs.items() if key in log.curves}
        for key in keys
    }
    draw_curves(panels, out_file, unit=units.pop())
    return _table(logs, keys)


def _find_files(run: Path) -> list[Path]:
    """Find the logs of a run's starts, the oldest first."""
    if run.is_file():
        return [run]
    paths = [*run.glob('vis_data/*.json'), *run.glob('*/vis_data/*.json')]
    # Their names are times.
    files = sorted((f for f in paths if f.stem[:1].isdigit()), key=lambda f: f.name)
    if not files:
        deeper = sorted({str(f.parents[2]) for f in run.glob('**/vis_data/*.json')})
        hint = f'; there are in {", ".join(deeper)}' if deeper else ''
        raise FileNotFoundError(
            f'{run} has no JSON logs (TIME/vis_data/TIME.json){hint}.'
        )
    return files


def _read_rows(file: Path) -> list[dict[str, Any]]:
    """Read what a start has logged, with the iteration in each row."""
    lines = check_file(file).read_bytes().splitlines()
    rows: list[Any] = []
    for number, line in enumerate(lines, 1):
        try:
            rows.append(parse_json(line, f'{file}, line {number},'))
        except ValueError:
            if number < len(lines):
                raise
            # the run was killed while it wrote
    if not all(isinstance(row, dict) and _is_position(row.get('step')) for row in rows):
        raise ValueError(f'{file} is no log of a training: it has no steps.')
    for row in rows:
        odd = [key for key in _POSITIONS & row.keys() if not _is_position(row[key])]
        if odd:
            raise ValueError(f'{file}: {odd[0]} must be a number from 0 in every row.')
    length = _epoch_length(rows)
    for row in rows:
        # A validation counts epochs; mmengine's own log does not tell its iteration.
        default = row['step'] if _is_training(row) else row['step'] * length
        row.setdefault('iter', default)
    return rows


def _is_position(value: Any) -> bool:
    """Whether a value counts steps, iterations or epochs."""
    return _is_number(value) and 0 <= value < _TOO_MANY


def _is_number(value: Any) -> bool:
    """Whether a value can be drawn; whole numbers may be larger than any float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, float) or abs(value) <= sys.float_info.max


def _is_repeated(row: Mapping[str, Any], start: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a later start has made a step, or the validation after it, again."""
    # A start may validate first what was trained before it.
    again = [r['iter'] for r in start if _is_training(r) or not _is_training(row)]
    return bool(again) and row['iter'] >= again[0]


def _is_training(row: Mapping[str, Any]) -> bool:
    return any(key.endswith('lr') for key in row)


def _sum_time(rows: Sequence[Mapping[str, Any]]) -> float:
    """Sum the times of iterations, each of those since the last that was logged."""
    timed = [r for r in rows if _is_training(r) and _is_number(r.get('time'))]
    if not timed:
        return math.nan
    steps = [0, *(row['iter'] for row in timed)]
    return math.fsum(
        row['time'] * max(0, after - before)
        for row, before, after in zip(timed, steps, steps[1:], strict=False)
    )


def _epoch_length(rows: Sequence[Mapping[str, Any]]) -> float:
    """Find the number of iterations in an epoch; 1 for trainings without epochs."""
    counted = [row for row in rows if row.get('epoch') and 'iter' in row]
    for row in counted:
        if not _is_training(row) and row['iter']:
            return row['iter'] / row['epoch']
    # Within the epoch that a step belongs to: at least so many.
    lengths = (math.ceil(row['iter'] / row['epoch']) for row in counted)
    return max(1, max(lengths, default=1))


def name_runs(runs: Sequence[str | Path]) -> list[str]:
    """Name runs by what their paths do not share.

    Args:
        runs (Sequence[str | Path]): Their folders or files.

    Returns:
        list[str]: One a run.

    Raises:
        ValueError: A run is given twice.
    """
    paths = [Path(os.path.abspath(run)) for run in runs]
    if len(set(paths)) < len(paths):
        raise ValueError(f'Every run may be given once only, got {[*map(str, runs)]}.')
    shared = Path(os.path.commonpath(paths)) if len(paths) > 1 else paths[0].parent
    return [path.relative_to(shared).as_posix() for path in paths]


def _table(logs: Mapping[str, TrainingLog], keys: Sequence[str]) -> str:
    """Write the last values of runs below each other."""
    rows = [
        [name, *(_last(log.curves.get(key)) for key in keys)]
        for name, log in logs.items()
    ]
    return format_table([['run', *keys], *rows])


def _last(curve: Curve | None) -> str:
    return '-' if curve is None else f'{curve.values[-1]:.4g}'
