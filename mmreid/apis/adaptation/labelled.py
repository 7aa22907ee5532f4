"""The models from before and after, on queries whose persons are known."""

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmreid.apis.embedding_files.work import FileWork
from mmreid.apis.evaluate.analyses import Analyses, analyze_features
from mmreid.apis.evaluate.comparing.comparison import compare_results
from mmreid.apis.evaluate.intervals import Resampling, explain_intervals
from mmreid.apis.evaluate.result_files import load_results
from mmreid.apis.export.carried_facts import rules_of
from mmreid.apis.export.finding_data import find_dataset
from mmreid.apis.inferencer import ReIDInferencer
from mmreid.apis.model_names import config_path
from mmreid.apis.test_pipeline import first_test_set
from mmreid.engine import load_config
from mmreid.evaluation.functional import Features
from mmreid.evaluation.rules import RankingRules
from mmreid.files import read_json, write_json
from mmreid.registry import DATASETS
from mmreid.report.adaptation import Measured
from mmreid.report.results import Difference, Score

# What is compared; the rest is in the files.
_METRICS = ('mAP', 'mINP', 'R1', 'R5', 'R10')
_LABELS = ('person_id', 'cam_id', 'is_query', 'clothes_id', 'tracklet_id', 'time')


class LabelledSet(NamedTuple):
    """A labelled test set.

    Attributes:
        key: Eight digits that tell it from others.
        title: What it is called.
        labels: Persons, cameras and queries; its vectors are empty.
        meta: What the data set tells of itself.
        rules: How it is ranked.
    """

    key: str
    title: str
    labels: Features
    meta: dict[str, Any]
    rules: RankingRules


def find_labelled(cfg: Config, data: str | os.PathLike) -> LabelledSet:
    """Find the labelled test set that is meant.

    Args:
        cfg (Config): The model's, whose test pipeline and rules of ranking are taken.
        data (str | os.PathLike): A config, whose test set is taken, a table, or a
            folder, as of ``mmreid export --data``.

    Returns:
        LabelledSet: Its labels.

    Raises:
        FileNotFoundError: There is nothing there.
        ValueError: It has no queries, or no gallery.
    """
    init_default_scope(cfg.get('default_scope', 'mmreid'))
    if str(data).endswith('.py'):
        own = load_config(config_path(str(data)))
        dataset = DATASETS.build({**first_test_set(own).to_dict(), 'pipeline': []})
        rules = rules_of(own)
    else:
        dataset, rules = find_dataset(cfg, data)[1], rules_of(cfg)
    records = [dataset.get_data_info(index) for index in range(len(dataset))]
    known = [n for n in _LABELS if all(r.get(n) is not None for r in records)]
    arrays: dict[str, Any] = {
        name: np.array([r[name] for r in records]) for name in known
    }
    paths = np.array([record['img_path'] for record in records])
    empty = np.zeros((len(records), 0), np.float32)
    labels = Features(empty, img_path=paths, **arrays)
    labels.check_complete()
    meta = dict(dataset.metainfo)
    title = f'{meta.get("dataset", "own pictures")} ({os.fspath(data)})'
    return LabelledSet(_key(paths, arrays, rules), title, labels, meta, rules)


def _key(
    paths: np.ndarray, labels: Mapping[str, np.ndarray], rules: RankingRules
) -> str:
    """Return what changes with the files, their labels and how they are ranked."""
    files = FileWork(paths.tolist()).fingerprint()
    told = {name: column.tolist() for name, column in labels.items()}
    return hashlib.sha256(repr((files, told, rules)).encode()).hexdigest()[:8]


def measure(
    network: Any,
    labelled: LabelledSet,
    out: Path,
    device: str = 'auto',
    progress: Callable[[int, int], Any] | None = None,
) -> Path:
    """Rank a labelled test set by a model, unless that was done before.

    Args:
        network (Any): What :class:`mmreid.apis.ReIDInferencer` takes.
        labelled (LabelledSet): The test set.
        out (Path): The file of scores, which ``mmreid compare`` takes.
        device (str): Where to compute. Defaults to ``'auto'``.
        progress (Callable, optional): Called with pictures done and in all.
            Defaults to None.

    Returns:
        Path: ``out``.

    Raises:
        ValueError: A picture cannot be read.
    """
    if out.is_file():
        return out
    inferencer = ReIDInferencer(network, device=device)
    paths = labelled.labels.img_path.tolist()
    found = inferencer(paths, progress=progress)
    if found.failures:
        raise ValueError(
            f'{len(found.failures)} of {len(paths)} labelled pictures cannot be read: '
            f'{found.failures[0]}; repair them.'
        )
    arrays = labelled.labels.arrays()
    meta = {**labelled.meta, 'trained_on': inferencer.trained_on}
    features = Features(**{**arrays, 'embedding': found.vectors}, meta=meta)
    analyses = Analyses(resampling=Resampling())
    write_json(out, analyze_features(features, labelled.rules, analyses))
    return out


def compare(title: str, before: Path, after: Path | None) -> Measured:
    """Put scores side by side.

    Args:
        title (str): What the test set is called.
        before (Path): Scores of the model from before.
        after (Path | None): Of the one from after; None where there is none.
    """
    scores, how = _read_scores(before)
    if after is None:
        return Measured(title, scores, intervals=explain_intervals(how))
    runs = {
        name: [run[''] for run in load_results(file)]
        for name, file in (('before', before), ('after', after))
    }
    found = compare_results(runs, metrics=[*scores])
    change = found.differences['after']
    assert not isinstance(change, dict)  # the queries are the same
    columns = zip(change.value, change.low, change.high, change.p_value, strict=True)
    differences = {
        metric: Difference(*map(float, column))
        for metric, column in zip(found.metrics, columns, strict=True)
    }
    later, _ = _read_scores(after)
    return Measured(title, scores, later, differences, explain_intervals(how))


def judge_change(measured: Measured) -> str | None:
    """Say if the model has become worse, by its mAP; None if not.

    Args:
        measured (Measured): Scores before and after.
    """
    change = measured.differences.get('mAP')
    if change is None or change.value >= 0:
        return None
    text = (
        f'On {measured.data} the adapted model is worse: mAP '
        f'{measured.before["mAP"].value:.2f} before, {measured.after["mAP"].value:.2f} '
        f'after ({change.low:+.2f} to {change.high:+.2f} points, p = '
        f'{change.p_value:.2g})'
    )
    if measured.is_worse:
        return f'{text}. Keep the model from before.'
    return f'{text}; so small a difference may be chance.'


def _read_scores(file: Path) -> tuple[dict[str, Score], dict[str, Any]]:
    """Read scores with their intervals, and how these were computed."""
    report = read_json(file)
    intervals = report.get('reid/intervals') or {}
    scores = {}
    for metric in _METRICS:
        value, ends = report.get(f'reid/{metric}'), intervals.get(metric) or {}
        if value is not None:
            low, high = ends.get('low', np.nan), ends.get('high', np.nan)
            scores[metric] = Score(value, low, high)
    return scores, intervals
