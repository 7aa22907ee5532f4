"""Tables that are written are read back, and are whole or not there."""

import pytest

from mmreid.files import read_entries, write_rows


def test_what_is_written_is_read_back(tmp_path):
    path = tmp_path / 'new' / 'table.csv'
    rows = [['a,b.jpg', 'Zoë "Z"'], [None, 'two\nlines']]
    write_rows(path, ('path', 'person'), iter(rows))
    assert b'\r' not in path.read_bytes()
    columns, entries = read_entries(str(path), ('path', 'person'))
    assert columns == dict(path='path', person='person')
    told = [[entry.values['path'], entry.values['person']] for entry in entries]
    assert told == [['a,b.jpg', 'Zoë "Z"'], ['', 'two\nlines']]


def test_rows_that_fail_leave_the_table_that_was_there(tmp_path):
    def rows():
        yield ['b.jpg']
        raise LookupError('no more')

    path = tmp_path / 'table.csv'
    write_rows(path, ['path'], [['a.jpg']])
    with pytest.raises(LookupError):
        write_rows(path, ['path'], rows())
    assert path.read_text('utf-8') == 'path\na.jpg\n'
    assert [*tmp_path.iterdir()] == [path]
