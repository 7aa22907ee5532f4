"""The keys that the page of file formats names are those that are written."""

import re
from dataclasses import fields
from pathlib import Path

import numpy as np

from mmreid.datasets.reading.file_names import LABELS
from mmreid.datasets.reading.tables import COLUMNS
from mmreid.evaluation.functional import Features, OperatingThreshold, RankingRules
from mmreid.evaluation.result import Result
from mmreid.search import OperatingPoint

PAGE = Path(__file__).parents[3] / 'docs' / 'reference' / 'formats.md'


def section(title: str) -> str:
    """The text below a title, to the next of the same level or a higher one."""
    text = PAGE.read_text('utf-8')
    found = re.search(rf'^(##+) {title}\n(.*?)(?=^##|\Z)', text, re.M | re.S)
    return found[2]


def first_column(text: str) -> set[str]:
    """The names in the first column of a table."""
    cells = re.findall(r'^\| (`[^|]*`) \|', text, re.M)
    return {name for cell in cells for name in re.findall(r'`([^`]+)`', cell)}


def make_features() -> Features:
    labels = np.array([1, 2, 1, 2])
    return Features(
        embedding=np.eye(4, 3, dtype=np.float32) + 0.1,
        person_id=labels,
        cam_id=np.array([1, 1, 2, 2]),
        is_query=np.array([True, True, False, False]),
        img_path=np.array(['a', 'b', 'c', 'd']),
        clothes_id=labels,
        tracklet_id=np.arange(4),
        time=np.arange(4.0),
        meta={},
    )


def test_features():
    assert first_column(section('Features')) == {*make_features().arrays(), 'meta'}


def test_results():
    features = make_features()
    written = Result.of(features, RankingRules(), None).to_json()
    text = section('Results')
    assert first_column(text) == {*written, 'features_key'}
    for key in ('protocol', 'per_query'):
        (row,) = re.findall(rf'^\| `{key}` \| (.*) \|$', text, re.M)
        named = set(re.findall(r'`(\w+)`', row)) - {'null'}
        assert named <= {*written[key]}
    assert named == {*written['per_query']}


def test_threshold_points():
    named = set(re.findall(r'`(\w+)`', section('Threshold points')))
    points = {entry.name for entry in fields(OperatingPoint)}
    assert points <= named
    assert {entry.name for entry in fields(OperatingThreshold)} <= named


def test_tables_and_patterns():
    assert first_column(section('Tables of pictures')) == {*COLUMNS, 'frame'}
    names = set(re.findall(r'`(\w+)`', section('Names of pictures')))
    assert {*LABELS} <= names
