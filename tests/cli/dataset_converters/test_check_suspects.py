"""mmreid check writes suspects of wrong labels, and takes them back as corrections."""

import csv
import re
import sys

import cv2
import numpy as np
import pytest

from mmreid.cli.dataset_converters import check_dataset
from mmreid.evaluation.functional import save_features
from mmreid.evaluation.test_set import Features

PATTERN = r'(?P<person>\d+)_(?P<camera>\d)_\d+'


def run(monkeypatch, capsys, *words):
    """Run the command here; return its status and what it printed."""
    monkeypatch.setattr(sys, 'argv', ['mmreid check', *map(str, words)])
    try:
        check_dataset.main()
    except SystemExit as end:
        status = end.code
    else:
        status = 0
    written = capsys.readouterr()
    return status, written.out + written.err


@pytest.fixture
def root(tmp_path):
    """Six persons, each of one colour; a picture of person 2 is labelled 4."""
    root = tmp_path / 'data'
    rng = np.random.default_rng(0)
    names = {f'{p}_{c}_{n}': p for p in range(1, 7) for c in (1, 2) for n in range(3)}
    (root / 'train').mkdir(parents=True)
    for name, person in (names | {'4_1_7': 2}).items():
        colour = np.random.default_rng(person).integers(30, 226, 3)
        picture = colour + rng.normal(0, 12, (32, 16, 3))
        cv2.imwrite(
            str(root / f'train/{name}.png'), picture.clip(0, 255).astype(np.uint8)
        )
    return root


@pytest.fixture
def features(root, tmp_path):
    paths = sorted(map(str, root.glob('train/*.png')))
    means = np.array([cv2.imread(p).mean((0, 1)) for p in paths], np.float32)
    none = np.zeros(len(paths), np.int64)
    file = tmp_path / 'vectors.npz'
    meta = dict(trained_on='own pictures train')
    save_features(file, Features(means, none, none, none > 0, np.array(paths), meta))
    return file


@pytest.fixture
def data(root):
    return '--data-root', root, '--pattern', PATTERN, '--cfg-options', 'split=train'


def test_suspects_are_written_corrected_and_given_back(
    monkeypatch, capsys, tmp_path, data, features
):
    table = tmp_path / 'suspects.csv'
    words = (*data, '--suspects', table, '--features', features)
    status, printed = run(monkeypatch, capsys, *words)
    assert status == 0, printed
    assert re.search(
        r'train: about \d of 37 labels of single pictures may be wrong', printed
    )
    assert 'on these very labels' in printed
    with table.open(newline='', encoding='utf-8') as file:
        rows = [*csv.DictReader(file)]
    first = rows[0]
    assert (first['path'], first['suggestion']) == ('train/4_1_7.png', '2')
    assert not any(row['correction'] for row in rows)

    status, printed = run(monkeypatch, capsys, *words)
    assert status == 2
    assert 'may hold corrections' in printed

    first['correction'] = '2'
    with table.open('w', newline='', encoding='utf-8') as file:
        writer = csv.DictWriter(file, first)
        writer.writeheader()
        writer.writerows(rows)
    again = tmp_path / 'again.csv'
    status, printed = run(
        monkeypatch,
        capsys,
        *(*data, f'corrections={table}', '--suspects', again),
        *('--features', features),
    )
    assert status == 0, printed
    assert 'train: 1 label corrected by suspects.csv' in printed
    assert '4_1_7' not in again.read_text('utf-8').splitlines()[1]


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        (('--suspects', 'a.csv'), 'need vectors'),
        (('--suspects', 'a.txt', '--features', 'FEATURES'), r'must be a .csv file'),
        (('--suspects', 'a.csv', '--fast', '--features', 'f.npz'), 'leave out --fast'),
        (('--features', 'f.npz'), 'need '),
        (('--suspects', 'a.csv', '--features', 'nowhere.npz'), 'nowhere.npz'),
        (('--suspects', 'a.csv', '--model', 'no_such_model'), 'no_such_model'),
    ],
)
def test_what_cannot_be_done_is_said_before_pictures_are_read(
    monkeypatch, capsys, tmp_path, data, features, words, message
):
    monkeypatch.chdir(tmp_path)
    words = [features if word == 'FEATURES' else word for word in words]
    status, printed = run(monkeypatch, capsys, *data, *words)
    assert status == 2
    assert message in printed
    assert not (tmp_path / 'a.csv').exists()


def test_a_page_shows_what_was_found(monkeypatch, capsys, tmp_path, data, features):
    page = tmp_path / 'page.html'
    words = (*data, '--report', page)
    assert run(monkeypatch, capsys, *words)[0] == 0
    assert 'Suspects' not in page.read_text('utf-8')
    assert 'Near duplicates' in page.read_text('utf-8')
    status, printed = run(monkeypatch, capsys, *words)
    assert status == 2
    assert 'overwrite it (--overwrite)' in printed
    words = (*words, '--features', features, '--overwrite')
    assert run(monkeypatch, capsys, *words)[0] == 0
    assert 'data-path="train/4_1_7.png"' in page.read_text('utf-8')
