import json
from dataclasses import asdict

import numpy as np
import pytest
from study_records import describe_run, draw_records, draw_results

from mmreid.apis.study.records import StudyRecords
from mmreid.apis.study.run_record import SCORES, read_results


def test_what_is_added_is_read_again(tmp_path):
    file = tmp_path / 'new' / 'toy.jsonl'
    records = StudyRecords(file)
    assert (records.runs, len(records.persons), records.protocol) == ({}, 0, {})
    results = draw_results(3, queries=2)
    added = records.add(describe_run('A', 0, options=('a=1', 'b=2')), results)
    records.add(describe_run('A', 1, seconds=None), draw_results(4, queries=2))
    again = StudyRecords(file)
    assert again.protocol == records.protocol
    assert again.protocol['num_gallery'] == 1000
    assert 'distance' not in again.protocol
    assert again.persons.tolist() == results['reid/per_query']['person_id']
    assert list(again.runs) == [('A', 0), ('A', 1)]
    read = again.runs['A', 0]
    for score in SCORES:
        written = read_results(results)[0].scores[score]
        np.testing.assert_allclose(read.values[score], written, atol=5e-7)
        np.testing.assert_array_equal(read.values[score], added.values[score])
        assert read.metrics[score] == pytest.approx(results[f'reid/{score}'])
    one, two = (asdict(run) | dict(values=None) for run in (read, added))
    assert one == two
    assert one['measured']['distance'] == 'cosine'
    assert one['options'] == ('a=1', 'b=2')
    assert again.runs['A', 1].seconds is None


def test_methods_values_and_spread(tmp_path):
    records = draw_records(tmp_path / 'toy.jsonl', dict(A=(3, 0.0), B=(1, 0.1)))
    assert list(records.of_method('A')) == [0, 1, 2]
    assert records.of_method('C') == {}
    values = records.values('A', 'R1')
    assert values.shape == (3, 24)
    means = [100 * sum(row) / 24 for row in values.tolist()]
    spread = records.spread('A', 'R1')
    assert spread.mean == pytest.approx(sum(means) / 3)
    squares = sum((mean - sum(means) / 3) ** 2 for mean in means)
    assert spread.deviation == pytest.approx((squares / 2) ** 0.5)
    assert np.isnan(records.spread('B', 'mAP').deviation)


@pytest.mark.parametrize('kept', [1, 30, -1])
def test_a_line_cut_short_by_a_kill(tmp_path, kept):
    file = tmp_path / 'toy.jsonl'
    draw_records(file, dict(A=(2, 0.0)))
    *whole, last = file.read_bytes().splitlines(keepends=True)
    assert len(whole) == 2
    file.write_bytes(b''.join(whole) + last[:kept])
    records = StudyRecords(file)
    assert list(records.runs) == [('A', 0)]
    # Reading changes nothing; the next line takes the place of the cut one.
    assert file.read_bytes() == b''.join(whole) + last[:kept]
    records.add(describe_run('B', 7), draw_results(1))
    assert list(StudyRecords(file).runs) == [('A', 0), ('B', 7)]
    assert file.read_bytes().startswith(b''.join(whole))
    assert file.read_bytes().count(b'\n') == 3


def test_a_kill_within_the_first_line(tmp_path):
    file = tmp_path / 'toy.jsonl'
    file.write_bytes(b'{"queries":')
    records = StudyRecords(file)
    assert records.runs == {}
    records.add(describe_run('A', 0), draw_results(0))
    assert list(StudyRecords(file).runs) == [('A', 0)]


def test_of_two_lines_the_later_one_counts(tmp_path):
    file = tmp_path / 'toy.jsonl'
    records = draw_records(file, dict(A=(1, 0.0)))
    first = records.values('A', 'mAP')
    records.add(describe_run('A', 0, key='other'), draw_results(5))
    for again in (records, StudyRecords(file)):
        assert again.runs['A', 0].key == 'other'
        assert abs(again.values('A', 'mAP') - first).max() > 0.01
    assert len(file.read_text().splitlines()) == 3


def test_other_queries(tmp_path):
    file = tmp_path / 'toy.jsonl'
    records = draw_records(file, dict(A=(1, 0.0)))
    before = file.read_bytes()
    with pytest.raises(ValueError, match='holds runs with other queries'):
        records.add(describe_run('B', 0), draw_results(0, persons=7))
    assert file.read_bytes() == before
    assert list(records.runs) == [('A', 0)]


def test_another_protocol(tmp_path):
    file = tmp_path / 'toy.jsonl'
    records = draw_records(file, dict(A=(1, 0.0)))
    with pytest.raises(
        ValueError, match='another protocol: num_gallery is 1000 there and 900 here'
    ):
        records.add(describe_run('B', 0), draw_results(0, num_gallery=900))
    with pytest.raises(ValueError, match="boxes is None there and 'drawn' here"):
        records.add(describe_run('B', 0), draw_results(0, boxes='drawn'))
    # How vectors are compared is a part of a method.
    records.add(describe_run('B', 0), draw_results(0, distance='euclidean'))
    assert records.runs['B', 0].measured['distance'] == 'euclidean'


@pytest.mark.parametrize(
    ('line', 'change'),
    [
        (1, lambda entry: entry.pop('queries')),
        (2, lambda entry: entry.pop('seed')),
        (2, lambda entry: entry.update(colour='red')),
        (2, lambda entry: entry['values'].pop('mINP')),
        (2, lambda entry: entry['values']['mAP'].pop()),
        (2, lambda entry: entry['values']['mAP'].insert(0, 1.2)),
    ],
)
def test_a_line_that_is_no_record(tmp_path, line, change):
    file = tmp_path / 'toy.jsonl'
    draw_records(file, dict(A=(1, 0.0)))
    entries = [json.loads(text) for text in file.read_text().splitlines()]
    change(entries[line - 1])
    file.write_text(''.join(json.dumps(entry) + '\n' for entry in entries))
    with pytest.raises(ValueError, match=rf'toy\.jsonl, line {line}, is no record'):
        StudyRecords(file)


def test_a_file_of_something_else(tmp_path):
    file = tmp_path / 'toy.jsonl'
    file.write_text('[1]\n')
    with pytest.raises(ValueError, match='line 1, is no record of a study'):
        StudyRecords(file)
