import argparse
import json
import subprocess
import sys

import numpy as np
import pytest

from mmreid.apis.galleries import drawing, sources
from mmreid.apis.inference.records import Failure
from mmreid.cli.answers import gallery, gallery_work
from mmreid.cli.answers.gallery_texts import tell
from mmreid.cli.answers.gallery_words import field_word, limit_word
from mmreid.evaluation.functional import save_features
from mmreid.evaluation.test_set import Features
from mmreid.search import Gallery

KEY = 'e' * 64


def run(*words, status=0):
    done = subprocess.run(
        [sys.executable, '-m', 'mmreid', 'gallery', *map(str, words)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stderr
    return done.stdout if status != 2 else done.stderr


def write_features(path, key=KEY):
    vectors = np.random.default_rng(0).normal(size=(6, 8)).astype('f4')
    people, cameras = np.array([1, 2, 1, 2, -1, 3]), np.array([1, 1, 2, 2, 2, 3])
    paths = np.array([f'{i}.jpg' for i in range(6)])
    meta = {'features_key': {'model': key}}
    is_query = np.arange(6) < 2
    save_features(path, Features(vectors, people, cameras, is_query, paths, meta))
    return vectors


def test_features_are_added_and_found(tmp_path):
    vectors = write_features(tmp_path / 'f.npz')
    path = tmp_path / 'g'
    Gallery.create(path, 8, model_key=KEY).close()
    added = json.loads(run('add', path, '--features', tmp_path / 'f.npz', '--json'))
    assert added['added'] == 6
    found = json.loads(
        run('search', path, '--features', tmp_path / 'f.npz', '--half', 'query',
            '--not-camera', '1', '-k', '4', '--json')
    )  # fmt: skip
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    order = 3 + np.argsort(1 - units[:2] @ units[2:].T, axis=1)
    assert set(found) == {'queries', 'unknown', 'failures'}
    assert [[a['id'] for a in q['answers']] for q in found['queries']] == order.tolist()
    write_features(tmp_path / 'other.npz', 'f' * 64)
    text = run('search', path, '--features', tmp_path / 'other.npz', status=2)
    assert KEY in text
    assert 'f' * 64 in text


@pytest.mark.parametrize(
    ('words', 'text'),
    [
        (['remove', 'g', '--time', 'noon', '-'], "'noon' must be seconds"),
        (['export', 'g', 'o.csv', '--field', 'colour'], 'must be NAME=VALUE'),
        (['reindex', 'g', '--option', 'probes=x'], 'must be NAME=N'),
        (['search', 'g', 'a.jpg', '--half', 'query'], '--half goes with --features'),
        (['add', 'g', '--features', 'f', '--model', 'm'], '--model goes with'),
        (['add', 'g', 'a.jpg', '--checkpoint', 'c'], '--checkpoint goes with --model'),
    ],
)
def test_what_would_be_ignored_or_misread_is_refused(words, text, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['mmreid gallery', *words])
    with pytest.raises(SystemExit) as stop:
        gallery.main()
    assert stop.value.code == 2
    assert text in capsys.readouterr().err


def test_a_value_of_a_field_is_all_that_it_may_mean():
    assert field_word('size=12') == ('size', ['12', 12.0])
    assert field_word('seen=true') == ('seen', ['true', True])
    assert field_word('note=nan') == ('note', ['nan'])
    assert field_word('note=') == ('note', [''])
    assert limit_word('-') is None


def test_a_gallery_in_milvus_takes_the_same_commands(tmp_path, monkeypatch, capfd):
    def call(*words):
        monkeypatch.setattr(sys, 'argv', ['mmreid gallery', *map(str, words), '--json'])
        gallery.main()
        return json.loads(capfd.readouterr().out)

    write_features(tmp_path / 'f.npz')
    source, target = tmp_path / 'g', f'milvus:{tmp_path}/m.db#people'
    with Gallery.create(source, 8, model_key=KEY, model_name='name') as kept:
        kept.add(np.eye(8, dtype='f4')[:2], model_key=KEY, cameras=[7, 8])
    assert call('copy', source, target) == {'copied': 2, 'entries': 2}
    added = call('add', target, '--features', tmp_path / 'f.npz')
    assert (added['first_id'], added['entries']) == (3, 8)
    call('copy', target, tmp_path / 'back')
    words = ('--features', tmp_path / 'f.npz', '-k', '3', '--not-camera', '7')
    one = call('search', target, *words)
    assert one['queries'] == call('search', tmp_path / 'back', *words)['queries']
    assert call('info', target)['model_name'] == 'name'
    with pytest.raises(SystemExit) as ended:
        call('info', 'http://127.0.0.1:1')
    assert ended.value.code == 2
    assert 'http://127.0.0.1:1 does not answer' in capfd.readouterr().err


def test_values_are_told_in_words_and_not_as_python():
    result = dict(time=[None, None], cameras={'1': 2, '3': 1}, n=None)
    assert tell('info', result) == 'time: -, -\ncameras: 1 2, 3 1\nn: -'


def test_an_operating_point_is_told_by_what_people_ask_of_it():
    point = dict(task='verification', threshold=0.25, rate=0.01, calibration=[1, 2])
    told = tell('info', dict(entries=3, operating_point=point))
    point = 'operating_point: threshold 0.25, rate 0.01, task verification'
    assert told == f'entries: 3\n{point}'
    assert tell('info', dict(operating_point=None)) == 'operating_point: -'


def test_a_sheet_names_the_files_of_its_queries(tmp_path, monkeypatch):
    sheets = []
    monkeypatch.setattr(drawing, 'draw_sheet', lambda rows, _: sheets.append(rows))
    monkeypatch.setattr(drawing, 'write_picture', lambda *_: None)
    answers = argparse.Namespace(
        known=np.array([True, False, True]), entries=[[]] * 3, distances=[[]] * 3
    )
    queries = ['here/ann.jpg', 'here/bob.jpg', '']
    drawing.draw_answers(tmp_path / 'sheet.jpg', queries, answers, 'title')
    captions = [row[0].caption for row in sheets[0]]
    assert captions == ['ann.jpg', 'unknown: bob.jpg', 'query']


def test_nothing_but_failures_is_an_error_that_lists_them(monkeypatch):
    failures = (Failure(0, 'a.jpg', 'no picture'), Failure(1, 'b.jpg', 'empty'))
    taken = sources.Vectors(np.empty((0, 8)), [], {}, KEY, failures)
    monkeypatch.setattr(sources, 'embed_pictures', lambda *_: taken)
    monkeypatch.setattr(gallery_work, 'make_inferencer', lambda *_: None)
    args = argparse.Namespace(features=None, model='m', checkpoint=None, sources=['a'])
    with pytest.raises(ValueError, match=r'a\.jpg: no picture\nb\.jpg: empty'):
        gallery_work._take(args, argparse.Namespace(model_name='m'))
