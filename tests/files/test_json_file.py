"""JSON is written without NaN and read with a sentence about what is wrong."""

from pathlib import Path

import numpy as np
import pytest

from mmreid.files import errors_in, parse_json, read_json, to_json, write_json


def test_what_is_written_is_read(tmp_path):
    value = dict(a=[1, np.float32(0.5), (True, None)], b=dict(c='ü', d=float('nan')))
    write_json(tmp_path / 'f.json', value)
    assert read_json(tmp_path / 'f.json') == dict(
        a=[1, 0.5, [True, None]], b=dict(c='ü', d=None)
    )


def test_other_types_are_written_as_asked():
    value = dict(a=np.arange(3), b=Path('x'), c=[{1}])
    assert to_json(value, str) == dict(a=[0, 1, 2], b='x', c=['{1}'])
    assert to_json(dict(b={1})) == dict(b={1})


@pytest.mark.parametrize('encoding', ['utf-8-sig', 'utf-16'])
def test_encodings_of_other_systems(tmp_path, encoding):
    (tmp_path / 'f.json').write_text('{"ü": 1}', encoding)
    assert read_json(tmp_path / 'f.json') == {'ü': 1}


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'', 'is not JSON'),
        (b'{', 'is not JSON'),
        ('{"ü": 1}'.encode('latin-1'), 'is not JSON'),
        (b'9' * 9_999, 'is not JSON'),
        (b'[' * 65 + b']' * 65, 'at most 64 levels'),
        (b'{"a":' * 700 + b'1' + b'}' * 700, 'at most 64 levels'),
        (b'[' * 99_999, 'levels'),
    ],
)
def test_what_is_wrong_is_said(tmp_path, content, message):
    (tmp_path / 'f.json').write_bytes(content)
    with pytest.raises(ValueError, match=rf'f\.json .*{message}'):
        read_json(tmp_path / 'f.json')


def test_levels_are_counted_exactly():
    assert parse_json('[' * 64 + '1' + ']' * 64, 'it')
    with pytest.raises(ValueError, match='it must be JSON of at most 64 levels'):
        parse_json('[' * 65 + '1' + ']' * 65, 'it')


def test_what_is_no_file_is_not_read(tmp_path):
    with pytest.raises(IsADirectoryError, match=tmp_path.name):
        read_json(tmp_path)
    with pytest.raises(FileNotFoundError, match='missing'):
        read_json(tmp_path / 'missing.json')


def test_errors_name_their_file_once():
    with pytest.raises(ValueError, match=r'^f\.json: wrong$'), errors_in('f.json'):
        raise ValueError('wrong')
    with pytest.raises(ValueError, match=r'^f\.json is'), errors_in('f.json'):
        raise ValueError('f.json is wrong')
