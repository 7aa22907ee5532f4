"""The command with a real model, as it is typed."""

import csv
import json
import os
import signal
import subprocess
import sys
import urllib.request

import cv2
import numpy as np
import pytest
from patience import PATIENCE
from small_exports import make_small_exports

from mmreid.apis import ReIDInferencer
from mmreid.search import Gallery, create_gallery, load_operating_point
from mmreid.search.decisions.evidence.pair_table import read_pairs


@pytest.fixture(scope='module')
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp('browse')
    exports = make_small_exports(folder)
    inferencer = ReIDInferencer(str(exports.files['onnx']))
    pictures = sorted((exports.data / 'query').glob('*.jpg'))
    made = inferencer([str(path) for path in pictures])
    with create_gallery(
        folder / 'people.db',
        inferencer.dim,
        model_key=inferencer.model_key,
        model_name=str(exports.files['onnx']),
    ) as gallery:
        gallery.add(made.vectors, model_key=made.model_key, paths=made.paths)
    return folder, pictures


def start(*words):
    return subprocess.Popen(
        [sys.executable, '-m', 'mmreid', 'browse', *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def post(address, content):
    request = urllib.request.Request(address, content, {'X-mmreid': '1'})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def run(*words):
    done = subprocess.run(
        [sys.executable, '-m', 'mmreid', *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_marks_are_what_other_commands_take(small, tmp_path):
    folder, pictures = small
    person = {str(path): path.name.split('_')[0] for path in pictures}
    table = tmp_path / 'judged.csv'
    right = wrong = 0
    with start(folder / 'people.db', '--port', 0, '--marks', table) as process:
        link = process.stdout.readline().split(': ')[1].strip()
        for picture in pictures[:12]:
            # As it is dropped: another file than the gallery's.
            content = cv2.imencode('.png', cv2.imread(str(picture)))[1].tobytes()
            found = post(f'{link}search?k=6', content)
            for answer in found['answers']:
                same = answer['name'].split('_')[0] == person[str(picture)]
                right, wrong = right + same, wrong + (not same)
                mark = dict(
                    upload=found['query']['upload'], answer=answer['id'], same=same
                )
                told = post(f'{link}marks', json.dumps(mark).encode())
                assert told['marks'] == right + wrong
        os.killpg(process.pid, signal.SIGKILL)
    assert right >= 12
    pairs = read_pairs(table)
    assert (pairs.same.sum(), (~pairs.same).sum()) == (right, wrong)
    onnx = next(folder.rglob('*.onnx'))
    status, told = run(
        'threshold', onnx, '--pairs', table, '--rate', 0.2, '--out', tmp_path / 'p.json'
    )
    assert status == 0, told
    assert f'pairs of one person      {right}' in told
    # The distances in the table are those that the command measures.
    point = load_operating_point(tmp_path / 'p.json')
    with table.open(newline='') as file:
        rows = [*csv.DictReader(file)]
    accepted = [float(row['distance']) < point.threshold for row in rows]
    rate = np.mean(
        [a for a, row in zip(accepted, rows, strict=True) if row['same'] == '0']
    )
    assert rate == pytest.approx(point.achieved_rate, abs=2 / wrong)
    status, told = run('check', '--table', tmp_path / 'judged.persons.csv')
    # Nothing is wrong with it but what was asked for: the gallery's own pictures.
    assert status == 1, told
    faults = [line for line in told.splitlines() if line.startswith('FAULT')]
    assert len(faults) == 2, told
    assert "has no picture whose split is 'train'" in faults[0]
    assert "queries' copies in the gallery" in faults[1]


def test_it_answers_until_it_is_interrupted(small):
    folder, pictures = small
    with start(folder / 'people.db', '--port', 0) as process:
        link = process.stdout.readline().split(': ')[1].strip()
        assert str(folder / 'people.marks.csv') in process.stdout.readline()
        found = post(f'{link}search?k=2', pictures[0].read_bytes())
        assert found['answers'][0]['name'] == pictures[0].name
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert told.strip() == (
        f'interrupted: 0 marks are kept in {folder / "people.marks.csv"}.'
    )


@pytest.mark.parametrize(
    ('change', 'text'),
    [
        (lambda f: ['missing.db'], 'missing.db'),
        (lambda f: ['other.db', f / 'small.onnx'], 'name the model that the gallery'),
        (lambda f: ['people.db', '--marks', 'a.txt'], 'must be a .csv file'),
        (lambda f: ['people.db', '--host', '192.0.2.1'], '192.0.2.1:0'),
        (lambda f: ['people.db', '--host', 'ä..b'], 'a name or an address'),
    ],
)
def test_errors_are_a_sentence(small, tmp_path, change, text):
    folder, _ = small
    name, *words = change(folder)
    other = folder / 'other.db'
    if not other.exists():
        Gallery.create(other, 8, model_key='e' * 64).close()
    onnx = next(folder.rglob('*.onnx'))
    words = [onnx if str(word).endswith('.onnx') else word for word in words]
    with start(folder / name, *words, '--port', '0') as process:
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2, told
    assert text in told
    assert 'Traceback' not in told
