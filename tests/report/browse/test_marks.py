import csv
import multiprocessing
import os
import signal
import stat
import sys

import cv2
import numpy as np
import pytest
from patience import wait_until

from mmreid.datasets import ReIDDataset
from mmreid.report.browse.mark import Mark
from mmreid.report.browse.marked_persons import find_persons
from mmreid.report.browse.marks import Marks
from mmreid.search.decisions.evidence.pair_table import read_pairs


def mark(a, b, same, person='', query_person='', cameras=('', ''), entry=''):
    return Mark.of(
        a=a,
        b=b,
        same=same,
        entry=2,
        person=person,
        query_person=query_person,
        query_camera=cameras[0],
        camera=cameras[1],
        query_entry=entry,
    )


def persons(*marks):
    return [(path, person, split) for path, person, _, split in find_persons(marks)]


def read(path):
    with path.open(newline='', encoding='utf-8') as file:
        return [*csv.DictReader(file)]


def test_marks_are_there_again(tmp_path):
    marks = Marks(tmp_path / 'm.csv')
    given = [mark('q', 'a', True, 'x, "y"'), mark('q', 'b', False, '\u202e ;ü')]
    for each in given:
        marks.set(each)
    again = Marks(tmp_path / 'm.csv')
    assert len(again) == 2
    assert [again.find('a', 'q'), again.find('q', 'b'), again.find('q', 'c')] == [
        True,
        False,
        None,
    ]
    assert read_pairs(tmp_path / 'm.csv').same.tolist() == [True, False]
    again.set(given[0], taken_back=True)
    assert marks.find('q', 'a') is None  # the other process sees it


def test_the_order_of_two_pictures_does_not_matter(tmp_path):
    marks = Marks(tmp_path / 'm.csv')
    marks.set(mark('a', 'b', True))
    marks.set(mark('b', 'a', False))
    assert len(marks) == 1
    assert marks.find('a', 'b') is False


def test_a_table_of_pairs_is_gone_on_with(tmp_path):
    path = tmp_path / 'pairs.csv'
    path.write_text('same;b;a\nyes;one.jpg;two.jpg\nFALSE;one.jpg;three.jpg\n')
    marks = Marks(path)
    assert marks.find('two.jpg', 'one.jpg') is True
    assert marks.find('three.jpg', 'one.jpg') is False
    marks.set(mark('four.jpg', 'one.jpg', True))
    assert read_pairs(path).same.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        ('path,person\na,b\n', 'must have the columns'),
        ('a,b,same\nx,y,1\ny,z,1\nx,z,0\n', 'contradict each other'),
        ('a,b,same\nx,x,1\n', 'its own answer'),
    ],
)
def test_another_table_is_refused_at_once(tmp_path, text, said):
    (tmp_path / 'm.csv').write_text(text)
    with pytest.raises(ValueError, match=said):
        Marks(tmp_path / 'm.csv')
    assert (tmp_path / 'm.csv').read_text() == text


def test_what_a_table_cannot_hold_is_refused_or_left_out(tmp_path):
    for path in ('a\nb', ' a', 'a\x04', 'a\r'):
        with pytest.raises(ValueError, match='a name that a table can hold'):
            mark('q', path, True)
    marks = Marks(tmp_path / 'm.csv')
    marks.set(mark('q', 'a', True, 'two\nlines', 'x' * 200_000))
    assert read(tmp_path / 'm.csv')[0]['person'] == 'two lines'
    assert len(Marks(tmp_path / 'm.csv')) == 1


def test_a_picture_is_kept_as_long_as_a_mark_needs_it(tmp_path):
    marks = Marks(tmp_path / 'm.csv')
    name = f'{marks.folder.name}/one.png'
    first, second = mark(name, 'a', True), mark(name, 'b', True)
    marks.set(first, sent=b'picture')
    marks.set(second, sent=b'picture')
    assert (marks.folder / 'one.png').read_bytes() == b'picture'
    other = f'{marks.folder.name}/two.png'
    marks.set(mark('a', 'c', False))
    with pytest.raises(ValueError, match='contradicts'):
        marks.set(mark('b', 'c', True), sent=None)
    marks.set(mark(other, 'a', True), sent=b'other')
    with pytest.raises(ValueError, match='contradicts'):
        marks.set(mark(other, 'c', True), sent=b'other')
    marks.set(first, taken_back=True, sent=b'picture')
    assert (marks.folder / 'one.png').exists()
    marks.set(second, taken_back=True, sent=b'picture')
    assert not (marks.folder / 'one.png').exists()
    assert (marks.folder / 'two.png').exists()


def test_a_refused_mark_writes_no_picture(tmp_path):
    marks = Marks(tmp_path / 'm.csv')
    marks.set(mark('a', 'b', True))
    name = f'{marks.folder.name}/one.png'
    with pytest.raises(ValueError, match='own answer'):
        marks.set(mark(name, name, True), sent=b'picture')
    assert not marks.folder.exists()


def set_many(path, first, count=25):
    marks = Marks(path)
    for number in range(first, first + count):
        marks.set(mark(f'q{number}', f'a{number}', number % 2 == 0))


def test_several_processes_lose_no_mark(tmp_path):
    context = multiprocessing.get_context('fork')
    path = tmp_path / 'm.csv'
    running = [
        context.Process(target=set_many, args=(path, 100 * number))
        for number in range(3)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join()
    assert len(Marks(path)) == 75
    assert len(read_pairs(path)) == 75


def test_a_kill_leaves_a_whole_table(tmp_path):
    context = multiprocessing.get_context('fork')
    path = tmp_path / 'm.csv'
    for turn in range(5):
        process = context.Process(target=set_many, args=(path, 1000 * turn, 1000))
        process.start()
        wait_until(path.exists, lambda process=process: process.exitcode)
        process.join(0.02 * (turn + 1))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        assert len(read_pairs(path)) == len(Marks(path)) > 0
    Marks(path).set(mark('last', 'one', True))
    assert [p for p in tmp_path.iterdir() if 'unfinished' in p.name] == []


@pytest.mark.skipif(os.geteuid() == 0, reason='root writes everywhere')
def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    marks = Marks(tmp_path / 'm.csv')
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(OSError, match=r'm\.'):
            marks.set(mark('a', 'b', True))
        assert len(marks) == 0
    finally:
        tmp_path.chmod(stat.S_IRWXU)


def test_a_full_disk_keeps_what_there_was(tmp_path, monkeypatch):
    marks = Marks(tmp_path / 'm.csv')
    marks.set(mark('a', 'b', True))
    before = (tmp_path / 'm.csv').read_bytes()

    def fail(handle):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(sys.modules['mmreid.files.whole_file'], 'force', fail)
    with pytest.raises(OSError, match='No space left'):
        marks.set(mark('a', 'c', True))
    assert (tmp_path / 'm.csv').read_bytes() == before
    assert len(marks) == 1


def test_right_answers_join_pictures_to_persons():
    found = persons(
        mark('q', 'a', True, 'ann'),
        mark('q', 'b', True),  # whom the gallery does not name
        mark('q', 'c', False, 'bob'),
        mark('r', 'd', False, 'dan'),
    )
    assert found == [
        ('q', 'ann', 'query'),
        ('a', 'ann', 'gallery'),
        ('b', 'ann', 'gallery'),
        ('c', 'bob', 'gallery'),
        ('d', 'dan', 'gallery'),
    ]


def test_persons_without_a_name_get_one():
    found = persons(mark('q', 'a', True, '-1'), mark('r', 'b', True, 'new-1'))
    assert found[:2] == [('q', 'new-2', 'query'), ('r', 'new-1', 'query')]


def test_persons_in_doubt_are_left_out():
    # The gallery has two names for one; and one name for two.
    assert persons(mark('a', 'b', True, 'ann', 'bob', entry=1)) == []
    assert persons(mark('a', 'b', False, 'ann', 'ann', entry=1)) == []


def test_every_person_has_a_query_if_one_was_asked_for():
    found = persons(
        mark('a', 'b', True, 'ann', 'ann', entry=1),
        mark('b', 'c', True, 'ann', 'ann', entry=2),
        mark('c', 'a', True, 'ann', 'ann', entry=3),
    )
    assert [split for *_, split in found] == ['query', 'gallery', 'gallery']


@pytest.mark.parametrize('cameras', [('', 'c1'), ('', ''), ('c2', 'c1')])
def test_a_data_set_takes_the_table(tmp_path, cameras):
    for name in 'qab':
        cv2.imwrite(str(tmp_path / f'{name}.png'), np.zeros((4, 2, 3), np.uint8))
    marks = Marks(tmp_path / 'm.csv')
    marks.set(mark('q.png', str(tmp_path / 'a.png'), True, 'ann', '', cameras))
    marks.set(mark('q.png', str(tmp_path / 'b.png'), False, 'bob', '', cameras))
    data = ReIDDataset(
        data_root=None, table=str(marks.table), split='test', test_mode=True
    )
    records = [data.get_data_info(index) for index in range(len(data))]
    assert [r['is_query'] for r in records] == [True, False, False]
    assert records[0]['person_id'] == records[1]['person_id']
    assert records[0]['person_id'] != records[2]['person_id']
