"""Boxes and track numbers become a data set that is checked and trained on."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmreid.cli.answers import crops
from mmreid.cli.dataset_converters import check_dataset
from mmreid.datasets import ReIDDataset
from mmreid.datasets.boxes import BoxTable, write_boxes

PERSONS, FRAMES = 6, 12


def make_camera(folder, name, shift):
    """A video of persons of one colour each, and the table of who is where."""
    rng = np.random.default_rng(shift)
    colours = np.random.default_rng(1).integers(40, 255, (PERSONS, 3))
    path = str(folder / f'{name}.avi')
    video = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*'MJPG'), 5, (320, 120))
    rows = []
    for frame in range(1, FRAMES + 1):
        picture = rng.integers(0, 40, (120, 320, 3)).astype(np.uint8)
        for person, colour in enumerate(colours):
            x = 10 + 50 * person + frame % 3
            picture[20:100, x : x + 32] = colour + rng.integers(-9, 9, (80, 32, 3))
            rows.append((frame, person, x, 20, x + 32, 100))
        video.write(picture)
    video.release()
    rows = np.array(rows)
    table = BoxTable(rows[:, 0], rows[:, 1], rows[:, 2:], np.ones(len(rows)))
    write_boxes(folder / f'{name}.txt', table)
    return [str(folder / f'{name}.avi'), str(folder / f'{name}.txt')]


@pytest.fixture
def cameras(tmp_path):
    return [*make_camera(tmp_path, 'east', 5), *make_camera(tmp_path, 'west', 6)]


def run(module, monkeypatch, *words):
    """Run a command here; return its status."""
    monkeypatch.setattr(sys, 'argv', ['mmreid', *map(str, words)])
    try:
        module.main()
    except SystemExit as end:
        return end.code
    return 0


def read_rows(path):
    with open(path, encoding='utf-8') as file:
        return [*csv.DictReader(file)]


def test_a_data_set_for_training_and_testing(cameras, tmp_path, monkeypatch, capsys):
    out = tmp_path / 'crops'
    how = ('--identities', 'shared', '--test-share', 0.5, '--every', 3)
    assert run(crops, monkeypatch, *cameras, out, *how, '--json') == 0
    report = json.loads(capsys.readouterr().out)
    assert (report['num_persons'], report['num_tracklets']) == (6, 12)
    rows = read_rows(out / 'table.csv')
    assert len(rows) == PERSONS * FRAMES // 3 * 2
    assert [*rows[0]] == ['path', 'person', 'camera', 'tracklet', 'frame', 'split']
    tested = {row['person'] for row in rows if row['split'] != 'train'}
    trained = {row['person'] for row in rows if row['split'] == 'train'}
    assert (len(tested), len(trained), tested & trained) == (3, 3, set())
    assert run(check_dataset, monkeypatch, '--table', out / 'table.csv') == 0
    assert 'nobody reads' not in capsys.readouterr().out
    train = ReIDDataset(table=out / 'table.csv')
    assert len({train.get_data_info(n)['gt_label'] for n in range(len(train))}) == 3
    for n in range(len(train)):
        picture = cv2.imread(train.get_data_info(n)['img_path'])
        assert picture.shape == (80, 32, 3)
        assert picture.std((0, 1)).max() < 15
    told = json.loads((out / 'crops.json').read_text())
    assert told['jpeg_quality'] == 95
    # The same seed divides the persons alike.
    assert run(crops, monkeypatch, *cameras, tmp_path / 'again', *how) == 0
    assert read_rows(tmp_path / 'again' / 'table.csv') == rows


def test_tracks_of_trackers_are_persons_of_one_camera(cameras, tmp_path, monkeypatch):
    assert run(crops, monkeypatch, *cameras, tmp_path / 'out') == 2
    words = (*cameras, tmp_path / 'out', '--identities', 'separate')
    assert run(crops, monkeypatch, *words) == 0
    persons = {row['person'] for row in read_rows(tmp_path / 'out' / 'table.csv')}
    assert persons == {f'{c}_p{n}' for c in ('east', 'west') for n in range(PERSONS)}


def test_boxes_that_show_nothing_are_named(cameras, tmp_path, monkeypatch, capsys):
    lines = Path(cameras[1]).read_text().splitlines()
    lines += ['3,1,900,0,9,9,1', '4,0,5,5,3,40,1', '4,0,5,5,20,40,1', '99,1,1,1,9,9,1']
    (tmp_path / 'east.txt').write_text('\n'.join([*lines, '2,-1,5,5,20,40,0.5']))
    words = (*cameras[:2], tmp_path / 'out', '--min-size', 8, 8, '--min-score', 0.6)
    assert run(crops, monkeypatch, *words) == 1
    text = capsys.readouterr().out
    assert 'row 72 (frame 3, track 1, box 900, 0, 909, 9): the box is outside' in text
    assert 'row 74' in text
    assert 'another box in this frame' in text
    assert 'row 75' in text
    assert 'no frame 99' in text
    assert 'left out: 1 smaller than 8 x 8' in text
    assert 'left out: 1 without a track number' in text
    assert len(read_rows(tmp_path / 'out' / 'faults.csv')) == 3
    assert len(read_rows(tmp_path / 'out' / 'table.csv')) == PERSONS * FRAMES


@pytest.mark.parametrize(
    ('words', 'text'),
    [
        (('--labels', 'car'), 'labels must be some of'),
        (('--camera', 'a/b'), 'a word of letters'),
        (('--test-share', '0.5'), 'seen by two cameras'),
        (('--first-frame', '500'), 'No box could be cut out'),
        (('--quality', '500'), 'quality must be a number'),
    ],
)
def test_what_cannot_be_is_said_and_leaves_nothing(
    words, text, cameras, tmp_path, monkeypatch, capsys
):
    before = sorted(tmp_path.iterdir())
    assert run(crops, monkeypatch, *cameras[:2], tmp_path / 'out', *words) == 2
    assert text in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_with_files_stays_as_it_is(cameras, tmp_path, monkeypatch, capsys):
    assert run(crops, monkeypatch, *cameras[:2], tmp_path) == 2
    assert 'must be a new or an empty folder' in capsys.readouterr().err


def test_ground_truth_marks_who_does_not_count(cameras, tmp_path, monkeypatch, capsys):
    lines = [f'{line},1,0.9' for line in Path(cameras[1]).read_text().splitlines()]
    lines[0] = '1,0,10,20,32,80,0,8,1'
    (tmp_path / 'gt.txt').write_text('\n'.join(lines))
    words = (cameras[0], tmp_path / 'gt.txt', tmp_path / 'out')
    assert run(crops, monkeypatch, *words) == 0
    assert '1 marked by 0 as not to be considered' in capsys.readouterr().out


@pytest.mark.slow
def test_a_kill_leaves_all_or_nothing(cameras, tmp_path):
    for number in range(5):
        out = tmp_path / f'out{number}'
        words = ['crops', *cameras, str(out), '--identities', 'shared']
        process = subprocess.Popen(
            [sys.executable, '-m', 'mmreid', *words], stderr=subprocess.DEVNULL
        )
        begun = f'.out{number}.{process.pid}.unfinished'
        while process.poll() is None and not (tmp_path / begun).exists():
            time.sleep(0.001)
        time.sleep(0.004 * number)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
        if out.exists():
            assert len(read_rows(out / 'table.csv')) == PERSONS * FRAMES * 2
