"""Labels of a gallery's pictures, from tables and names."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from mmreid.apis.galleries.labels import read_labels
from mmreid.search import Gallery


@pytest.fixture
def pictures(tmp_path):
    paths = [tmp_path / name for name in ('a.jpg', 'b.jpg')]
    for path in paths:
        path.touch()
    return [*map(str, paths)]


def test_other_columns_become_fields_as_they_are_written(pictures, tmp_path):
    table = tmp_path / 't.csv'
    table.write_text('path,person,Colour,time\nb.jpg,bob,,12.5\na.jpg,ann,Dark Red,\n')
    assert read_labels(pictures, table, None) == dict(
        persons=['ann', 'bob'],
        cameras=[None, None],
        times=[None, 12.5],
        fields=[{'Colour': 'Dark Red'}, {}],
    )
    rows = [dict(path='a.jpg', person=1, age=0), dict(path='b.jpg', person=2, age=None)]
    (tmp_path / 't.json').write_text(json.dumps(rows))
    found = read_labels(pictures, tmp_path / 't.json', None)
    assert found['persons'] == ['1', '2']
    assert found['fields'] == [{'age': 0}, {}]


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('path,person\na.jpg,1\nb.jpg,2\na.jpg,3\n', 'line 2 and line 4 are both of'),
        ('path,person\na.jpg,"1\nb.jpg,2\n', 'a " is opened that nothing closes'),
        ('path,person\na.jpg\nb.jpg,2\n', "line 2: not as many cells as columns, ['p"),
        ('path,person\na.jpg,1\n', 'has no row for'),
        ('person\n1\n', "lacks ['path']"),
    ],
)
def test_tables_that_would_lose_labels_are_refused(text, message, pictures, tmp_path):
    (tmp_path / 't.csv').write_text(text)
    with pytest.raises(ValueError, match=re.escape(message)):
        read_labels(pictures, tmp_path / 't.csv', None)


def test_a_pattern_is_found_in_paths(pictures):
    folder = re.escape(Path(pictures[0]).parent.name)
    found = read_labels(pictures, None, f'(?P<camera>{folder})/(?P<person>[ab])')
    assert found['persons'] == ['a', 'b']
    assert found['cameras'] == [Path(pictures[0]).parent.name] * 2
    with pytest.raises(ValueError, match='does not fit'):
        read_labels(pictures, None, '(?P<person>c)')
    with pytest.raises(ValueError, match='is no expression'):
        read_labels(pictures, None, '(')


def test_times_are_numbers_and_others_are_left_to_be_refused(pictures, tmp_path):
    (tmp_path / 't.csv').write_text('path,time\na.jpg,2.5\nb.jpg,noon\n')
    told = read_labels(pictures, tmp_path / 't.csv', None)
    assert told['times'] == [2.5, 'noon']
    with Gallery.create(tmp_path / 'g', 2, model_key='k') as gallery:
        with pytest.raises(ValueError, match=r"times\[1\] must be seconds.*'noon'"):
            gallery.add(np.eye(2), model_key='k', **told)
        told['times'][1] = None
        gallery.add(np.eye(2), model_key='k', **told)
        assert [entry.time for entry in gallery.entries()] == [2.5, None]
