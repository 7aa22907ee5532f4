import numpy as np
import pytest
from study_records import draw_records, write_claims

from mmreid.apis.study.definition import Contrast, StudiedMethod, Study
from mmreid.apis.study.findings import (
    VERDICTS,
    find_differences,
    sort_findings,
)
from mmreid.evaluation.functional.uncertainty import compare_repeated

PAIRS = [('A', 'A0'), ('B', 'B0'), ('A', 'A1'), ('A', 'C'), ('B', 'A')]


def make_study(pairs, published=''):
    names = dict.fromkeys(name for pair in pairs for name in pair)
    return Study(
        title='Toy',
        methods={name: StudiedMethod(name, 'toy.py') for name in names},
        seeds=(0, 1, 2),
        contrasts=tuple(Contrast(*pair) for pair in pairs),
        published=published,
    )


@pytest.fixture
def records(tmp_path):
    methods = dict(A=(3, 0.2), A0=(3, 0.0), A1=(2, 0.19), B=(1, 0.1), B0=(1, 0.1))
    return draw_records(tmp_path / 'toy.jsonl', methods)


def test_differences_are_those_of_the_runs(records):
    found = find_differences(make_study(PAIRS), records, resamples=300, seed=4)
    # Nothing was run of C.
    pairs = [(f.contrast.method, f.contrast.against) for f in found]
    assert pairs == [pair for pair in PAIRS if 'C' not in pair]
    for finding, (method, against) in zip(found, pairs, strict=True):
        for score in ('mAP', 'mINP', 'R1'):
            runs = [
                100 * np.stack([run.values[score] for run in of.values()])
                for of in map(records.of_method, (against, method))
            ]
            difference = finding.differences[score]
            expected = compare_repeated(*runs, records.persons, resamples=300, seed=4)
            assert repr(difference) == repr(expected)  # NaN is NaN
            value = runs[1].mean() - runs[0].mean()
            assert difference.value == pytest.approx(value)
        assert finding.tested is finding.differences['mAP']
    assert [f.tested.covers_seeds for f in found] == [True, False, True, False]


def holm(p_values: list[float]) -> list[float]:
    """The smallest times how many there are, the next times one less, ..."""
    corrected = [0.0] * len(p_values)
    left, largest = list(range(len(p_values))), 0.0
    while left:
        smallest = min(left, key=lambda row: p_values[row])
        largest = max(largest, min(1.0, p_values[smallest] * len(left)))
        corrected[smallest] = largest
        left.remove(smallest)
    return corrected


def test_p_values_are_corrected_for_each_paper_by_itself(records):
    found = find_differences(make_study(PAIRS), records, resamples=300)
    for method, size in (('A', 2), ('B', 2)):
        own = [f for f in found if f.contrast.method == method]
        assert [f.family for f in own] == [size] * size
        expected = holm([f.tested.p_value for f in own])
        assert [f.corrected for f in own] == pytest.approx(expected)


@pytest.mark.parametrize(
    ('claims', 'told'),
    [
        ([], 0),
        ([(60, 50, 1, 2, True)], 1),
        ([(50, 60, 2, 1, True)], -1),
        ([(60, 50, 1, 2, True), (61, 50, 1, 2, False), (50, 60, 1, 2, True)], 1),
        ([(60, 50, 1, 2, True), (50, 60, 2, 1, True)], 0),
        # Only R1 is printed.
        ([(None, None, 1, 2, True)], -1),
        ([(60, None, 3, 2, True)], 1),
        ([(60, None, None, 2, True)], 0),
    ],
)
def test_verdicts(records, tmp_path, claims, told):
    pairs = [('A', 'A0'), ('A', 'A1'), ('A1', 'A'), ('A0', 'A')]
    rows = [(*pair, *claim) for pair in pairs for claim in claims]
    published = write_claims(tmp_path / 'printed.json', rows)
    found = find_differences(make_study(pairs, published), records, resamples=500)
    assert [f.decided for f in found] == [True, False, False, True]
    for finding in found:
        tested = finding.tested
        holds_zero = tested.low <= 0 <= tested.high
        if told == 0:
            assert finding.verdict == ('open' if holds_zero else 'different')
            continue
        with_paper = (tested.value > 0) == (told > 0)
        words = 'with the paper' if with_paper else 'against the paper'
        assert finding.verdict == (f'open, {words}' if holds_zero else words)


def test_what_disagrees_comes_first(records, tmp_path):
    pairs = [('A', 'A0'), ('A', 'A1'), ('A1', 'A'), ('A0', 'A'), ('B', 'A0')]
    rows = [(*pair, 60, 50, 1, 1, True) for pair in pairs[:4]]
    published = write_claims(tmp_path / 'printed.json', rows)
    found = find_differences(make_study(pairs, published), records, resamples=500)
    verdicts = [finding.verdict for finding in sort_findings(found)]
    assert verdicts == sorted(verdicts, key=VERDICTS.index)
    assert verdicts[0] == 'against the paper'
    assert set(verdicts[:4]) == set(VERDICTS[:4])
