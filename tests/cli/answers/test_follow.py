"""``mmreid follow`` as a user types it."""

import json
import os
import re
import signal
import subprocess
import sys
from argparse import ArgumentTypeError
from pathlib import Path

import pytest
from moving_figures import make_scene
from patience import PATIENCE, wait_until

import mmreid
from mmreid.cli.answers import follow
from mmreid.cli.answers.camera_words import apart_words, camera_words

ROOT = Path(mmreid.__file__).parents[1]
HISTOGRAM = 'configs/color_histogram/color_histogram_synthmini.py'


@pytest.fixture(scope='module')
def scene(tmp_path_factory):
    return make_scene(tmp_path_factory.mktemp('scene'))


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command in this process: its status, what it printed, its errors."""

    def call(*words):
        monkeypatch.chdir(ROOT)
        monkeypatch.setattr(sys, 'argv', ['mmreid follow', *map(str, words)])
        status = 0
        try:
            follow.main()
        except SystemExit as stop:
            status = stop.code
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


def test_a_scene_becomes_identities(scene, run, tmp_path):
    status, out, _ = run(
        *(HISTOGRAM, scene, '--out', tmp_path, '--threshold', 0.2, '--truth'),
        *('--after', 0, 2, '--per-track', 3, '--device', 'cpu'),
    )
    assert status == 0
    assert out.startswith('4 identities of 16 tracklets in 2 cameras')
    assert re.search(r'^all cameras +100.00 +100.00 +100.00 +4 +4$', out, re.M)
    assert 'found again after 2 s or more: 100.00' in out
    assert (tmp_path / 'identities.jpg').exists()


def test_json_is_one_document_and_a_bad_box_is_status_1(scene, run, tmp_path):
    lines = (scene / 'cam1/tracks.txt').read_text()
    (tmp_path / 'bad.txt').write_text(lines + '1,50,900,1,20,40,1\n')
    camera = f'door={scene}/cam1.mp4:{tmp_path}/bad.txt'
    status, out, _ = run(
        *(HISTOGRAM, '--camera', camera, '--camera'),
        f'hall={scene}/cam2.mp4:{scene}/cam2/tracks.txt@5.5',
        *('--threshold', 0.2, '--out', tmp_path / 'out', '--json', '--no-pictures'),
        *('--per-track', 3, '--truth', f'door={scene}/cam1/gt/gt.txt'),
        f'hall={scene}/cam2/gt/gt.txt',
    )
    assert status == 1
    answer = json.loads(out)
    assert answer['identities'] == 5
    (failure,) = answer['failures']
    assert failure == (
        'door: row 80 (frame 1, track 50, box 900, 1, 920, 41): the box is outside '
        'the picture of 160 x 96'
    )
    assert answer['scores']['joint']['idr'] == 1
    assert not (tmp_path / 'out/crops').exists()


def test_a_threshold_is_fitted_and_taken(scene, run, tmp_path):
    point = tmp_path / 'point.json'
    words = (HISTOGRAM, scene, '--per-track', 3, '--no-pictures', '--device', 'cpu')
    words = (*words, '--out', tmp_path / 'out')
    status, out, _ = run(*words, '--truth', '--fit', point, '--rate', 0.05)
    assert status == 0
    assert out.startswith('4 identities of 16 tracklets')
    assert '% of 96 pairs of two persons pass, and 100.00 % of 24 of one' in out
    status, out, _ = run(*words, '--threshold', point)
    assert status == 0
    assert out.startswith('4 identities of 16 tracklets')
    other = json.loads(point.read_text())
    other['model_key'] = 64 * 'a'
    point.write_text(json.dumps(other))
    status, _, err = run(*words, '--threshold', point)
    assert status == 2
    assert 64 * 'a' in err


@pytest.mark.parametrize('words', [[], ['--fit', 'x.json']])
def test_a_threshold_must_be_had(scene, run, tmp_path, words):
    status, _, err = run(HISTOGRAM, scene, '--out', tmp_path, *words)
    assert status == 2
    assert '--fit' in err
    assert '--truth' in err


@pytest.mark.parametrize(
    ('words', 'message'),
    [
        ([], 'give a SCENE or cameras'),
        (['{scene}', '--camera', 'a={scene}/cam1.mp4:{scene}/scene.json'], 'one of'),
        (
            ['--camera', 'a=no.mp4:{scene}/scene.json'],
            "camera 'a': there is no 'no.mp4'",
        ),
        (['{scene}', '--threshold', 'nothing.json'], 'nothing.json'),
        (['{scene}', '--rate', '0.1', '--truth'], '--rate goes with --fit'),
        (['{scene}', '--after', '5'], '--after goes with --truth'),
        (['{scene}/cam1'], 'a folder for each camera'),
        (['{scene}', '--apart', 'cam1,cam9=2'], "got 'cam9'"),
        (['{scene}', '--truth', 'cam1=no.txt'], "truth of camera 'cam1': there is no"),
    ],
)
def test_what_cannot_be_is_status_2(scene, run, tmp_path, words, message):
    words = [word.format(scene=scene) for word in words]
    status, out, err = run(
        HISTOGRAM, '--threshold', 0.2, '--out', tmp_path / 'out', *words
    )
    assert (status, out) == (2, '')
    assert message in err


def test_cameras_are_read_from_words(tmp_path):
    for name in ('a:b.mp4', 't@1.txt', 'v.mp4'):
        (tmp_path / name).write_text('')
    at = str(tmp_path)
    assert camera_words(f'x={at}/v.mp4:{at}/t@1.txt') == (
        'x',
        f'{at}/v.mp4',
        f'{at}/t@1.txt',
        0.0,
    )
    assert camera_words(f'x={at}/a:b.mp4:{at}/t@1.txt@-2.5')[1:] == (
        f'{at}/a:b.mp4',
        f'{at}/t@1.txt',
        -2.5,
    )
    odd = tmp_path / 'a b=c:d@2'
    odd.mkdir()
    (odd / 't.txt').write_text('')
    for end, start in (('', 0.0), ('@3', 3.0)):
        assert camera_words(f'front door={at}/v.mp4:{odd}/t.txt{end}') == (
            'front door',
            f'{at}/v.mp4',
            f'{odd}/t.txt',
            start,
        )
    with pytest.raises(ArgumentTypeError, match=r"'x': there is no '.*/no.txt'"):
        camera_words(f'x={at}/v.mp4:{odd}/no.txt')
    assert apart_words('a, b=2.5') == (('a', 'b'), 2.5)
    for word in ('x', f'x={at}/v.mp4', f'={at}/v.mp4:{at}/v.mp4'):
        with pytest.raises(ArgumentTypeError, match='must be NAME=VIDEO:TABLE'):
            camera_words(word)
    with pytest.raises(ArgumentTypeError, match="'noon' behind @"):
        camera_words(f'x={at}/v.mp4:{at}/v.mp4@noon')
    with pytest.raises(ArgumentTypeError, match='must be NAME,NAME=SECONDS'):
        apart_words('a,b')


@pytest.mark.slow
def test_ctrl_c_keeps_vectors_and_the_next_run_goes_on(scene, tmp_path):
    command = [sys.executable, '-m', 'mmreid', 'follow', HISTOGRAM, str(scene)]
    command += ['--threshold', '0.2', '--out', str(tmp_path), '--batch-size', '1']
    command += ['--json', '--device', 'cpu']
    environment = dict(os.environ, OMP_NUM_THREADS='1')
    process = subprocess.Popen(
        [*command, '--per-track', 'all'],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # The first camera is done, and the second has begun.
    wait_until(lambda: [*tmp_path.glob('vectors/cam1-*')], process.poll)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    assert out == ''
    assert 'the same command goes on from there' in err
    again = subprocess.run(
        [*command, '--per-track', 'all'],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)['identities'] == 4
