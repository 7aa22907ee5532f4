"""Rows of a table are found by their pictures, and no row is lost."""

import json
import re

import pytest

from mmreid.apis.picture_table import PictureTable


def test_pictures_lie_beside_the_table_or_here(tmp_path, monkeypatch):
    for folder in ('data', 'here'):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / 'both.jpg').touch()
    (tmp_path / 'here' / 'a.jpg').touch()
    table = tmp_path / 'data' / 'table.csv'
    table.write_text('Path;Person\nboth.jpg;1\na.jpg;2\n')
    monkeypatch.chdir(tmp_path / 'here')
    read = PictureTable(table)
    assert read.columns == {'path': 'Path', 'person': 'Person'}
    assert read.find('a.jpg').text('person') == '2'
    assert read.find('both.jpg') is None
    assert read.find('../data/both.jpg').text('person') == '1'


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        (
            'path,person\na.jpg,1\nb.jpg,2\n./a.jpg,3\n',
            "line 2 and line 4 are both of './",
        ),
        ('path,person\na.jpg,1\n,2\n', 'line 3: path names no picture'),
        ('person\n1\n', "lacks ['path']"),
        ('path,person\na.jpg,"1\n', 'a " is opened that nothing closes'),
    ],
)
def test_what_would_lose_a_row_is_refused(text, message, tmp_path):
    (tmp_path / 'table.csv').write_text(text)
    with pytest.raises(ValueError, match=re.escape(message)):
        PictureTable(tmp_path / 'table.csv')


def test_objects_of_json_name_pictures_too(tmp_path):
    table = tmp_path / 'table.json'
    table.write_text(json.dumps([dict(path='a.jpg', person=7), dict(path='b.jpg')]))
    read = PictureTable(table)
    assert read.find(str(tmp_path / 'a.jpg')).text('person') == '7'
    with pytest.raises(ValueError, match=r"lacks \['camera'\]"):
        PictureTable(table, ('camera',))
