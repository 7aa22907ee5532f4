"""`mmreid embed`: files of vectors, by one process, by two, and after every stop."""

import csv
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from patience import wait_until

from mmreid.apis import ReIDInferencer
from mmreid.apis.embedding_files import EmbeddingFile, embed_to_file, find_work
from mmreid.apis.galleries.sources import read_features
from mmreid.cli.answers import embed
from mmreid.evaluation.features import read_arrays
from mmreid.evaluation.functional import load_features

ROOT = Path(__file__).parents[3]
# It has no weights, so that it is the same model in every process.
MODEL = 'color_histogram/color_histogram_synthmini.py'
PATTERN = r'(?P<person>\d+)_c(?P<camera>\d+)'


def command(*args, **env):
    return dict(
        args=[sys.executable, '-m', 'mmreid', 'embed', MODEL, *map(str, args)],
        env=dict(os.environ, PYTHONPATH=str(ROOT), **env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*args, **env):
    return subprocess.run(**command(*args, **env), check=False)


def call(monkeypatch, capsys, *args):
    """Run the command in this process; return its status and what it printed."""
    monkeypatch.setattr(sys, 'argv', ['mmreid embed', MODEL, *map(str, args)])
    before = signal.getsignal(signal.SIGTERM)
    try:
        embed.main()
        status = 0
    except SystemExit as end:
        status = end.code
    finally:
        signal.signal(signal.SIGTERM, before)
    return status, capsys.readouterr()


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp('data')
    rng = np.random.default_rng(1)
    for number in range(12):
        place = root / ('query' if number % 3 == 0 else 'gallery')
        place.mkdir(exist_ok=True)
        picture = cv2.resize(rng.integers(0, 256, (6, 3, 3), np.uint8), (48, 96))
        name = f'{number // 4 + 1:04d}_c{number % 2 + 1}.png'
        cv2.imwrite(str(place / f'{name[:-4]}.{number}.png'), picture)
    for path in [*root.rglob('*.png')]:
        path.rename(path.with_name(path.name.replace('.', '_', 1)))
    return root


@pytest.fixture(scope='module')
def inferencer():
    return ReIDInferencer(MODEL, device='cpu', precision='float32')


def test_a_file_for_every_reader(folder, inferencer, tmp_path, monkeypatch, capsys):
    expected = inferencer(folder)
    pattern = PATTERN + '_.*'
    for ending in ('npz', 'safetensors', 'csv'):
        out = tmp_path / f'a.{ending}'
        args = (folder, '--out', out, '--pattern', pattern, '--precision', 'float32')
        status, said = call(monkeypatch, capsys, *args, '--json')
        assert status == 0, said.err
        told = json.loads(said.out)
        assert told['count'] == 12
        assert told['model_key'] == inferencer.model_key
        assert told['failures'] == told['missing'] == []
        features = load_features(out)
        assert list(features.img_path) == expected.paths
        assert np.allclose(features.embedding, expected.vectors, rtol=1e-6)
        assert features.is_query.sum() == 4
        assert set(features.person_id) == {1, 2, 3}
        assert set(features.cam_id) == {1, 2}
        if ending != 'csv':
            assert (features.embedding == expected.vectors).all()
            key = features.meta['features_key']['model']
            assert key == inferencer.model_key
            assert features.meta['trained_on'] == inferencer.trained_on
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        'a.csv',
        'a.npz',
        'a.safetensors',
    ]


def test_labels_from_a_table(folder, tmp_path, monkeypatch, capsys):
    files = sorted(folder.rglob('*.png'))
    lines = [
        f'{path},{"ann" if number % 2 else "bob"},{number % 3},'
        f'{"query" if number < 3 else "gallery"}'
        for number, path in enumerate(files)
    ]
    table = tmp_path / 'labels.csv'
    table.write_text('\n'.join(['path,person,camera,split', *lines]))
    out = tmp_path / 'a.npz'
    assert call(monkeypatch, capsys, folder, '--out', out, '--labels', table)[0] == 0
    features = load_features(out)
    assert features.is_query.sum() == 3
    # Person 0 would be a distractor.
    assert set(features.person_id) == {1, 2}
    assert {*read_features(out).labels['persons']} == {'ann', 'bob'}
    wrong = {
        'does not name 1 of 12': lines[1:],
        'line 2 and line 14 are both of': [*lines, lines[0]],
        'line 13: no value for person': [*lines[1:], f'{files[0]},,1,query'],
    }
    for message, rows in wrong.items():
        table.write_text('\n'.join(['path,person,camera,split', *rows]))
        words = (folder, '--out', out, '--labels', table)
        status, said = call(monkeypatch, capsys, *words)
        assert status == 2
        assert message in said.err


def test_failures_are_listed_and_end_with_status_1(
    folder, tmp_path, monkeypatch, capsys
):
    (tmp_path / 'bad.png').write_text('no picture')
    out = tmp_path / 'a.npz'
    status, said = call(monkeypatch, capsys, tmp_path / 'bad.png', folder, '--out', out)
    assert status == 1
    assert f'failed: {tmp_path / "bad.png"}: ' in said.err
    assert '12 vectors' in said.out
    with np.load(out) as arrays:
        assert json.loads(str(arrays['meta']))['failures'][0][0].endswith('bad.png')


@pytest.mark.parametrize(
    ('args', 'message'),
    [
        (('{folder}/absent', '--out', 'a.npz'), 'no file'),
        (('{folder}/*.gif', '--out', 'a.npz'), 'pattern'),
        (('{folder}', '--out', 'a.txt'), 'must end in'),
        (('{folder}', '{folder}', '--out', 'a.npz', '--boxes', 'b.txt'), 'one video'),
        (('{folder}', '--out', 'a.npz', '--pattern', '('), 'regular expression'),
    ],
)
def test_wrong_arguments_end_with_status_2(
    folder, tmp_path, monkeypatch, capsys, args, message
):
    monkeypatch.chdir(tmp_path)
    args = [arg.format(folder=folder) for arg in args]
    status, said = call(monkeypatch, capsys, *args)
    assert status == 2
    assert message in said.err
    assert not [*tmp_path.iterdir()]


def test_boxes_of_frames(folder, inferencer, tmp_path, monkeypatch, capsys):
    """Rows stand in the order of the table, and each bad box is named."""
    frames = tmp_path / 'img1'
    frames.mkdir()
    pictures = [cv2.imread(str(p)) for p in sorted(folder.rglob('*.png'))[:3]]
    for number, picture in enumerate(pictures, 1):
        cv2.imwrite(str(frames / f'{number:06d}.png'), picture)
    table = tmp_path / 'det.txt'
    table.write_text(
        '3,7,0,0,20,40,1,-1,-1,-1\n'
        '1,5,10,10,30,60,1,-1,-1,-1\n'
        '1,6,500,10,30,60,1,-1,-1,-1\n'
        '3,5,5,5,30,60,1,-1,-1,-1\n'
        '9,5,5,5,30,60,1,-1,-1,-1\n'
    )
    out = tmp_path / 'a.npz'
    args = (frames, '--boxes', table, '--out', out, '--precision', 'float32')
    status, said = call(monkeypatch, capsys, *args)
    assert status == 1
    assert 'frame 1, box 1: The box' in said.err
    assert 'frame 9: ' in said.err
    shown = [pictures[2][:40, :20], pictures[0][10:70, 10:40], pictures[2][5:65, 5:35]]
    with np.load(out) as arrays:
        assert arrays['row'].tolist() == [0, 1, 3]
        assert arrays['frame'].tolist() == [3, 1, 3]
        assert arrays['track'].tolist() == [7, 5, 5]
        expected = inferencer(shown).vectors
        assert np.allclose(arrays['embedding'], expected, atol=1e-6)


def test_a_stop_at_any_picture_loses_little(folder, inferencer, tmp_path):
    """Interrupted again and again, the file is that of a single run."""
    small = ReIDInferencer(MODEL, device='cpu', precision='float32', batch_size=2)
    work = find_work([str(folder)])
    whole = tmp_path / 'whole.npz'
    embed_to_file(EmbeddingFile(whole, work, small))
    out, said = tmp_path / 'a.npz', []

    def stop(done, total):
        if done >= 5 and done < total:
            raise KeyboardInterrupt

    while True:
        try:
            result = embed_to_file(EmbeddingFile(out, work, small), progress=stop)
            break
        except KeyboardInterrupt as kept:
            said.append(str(kept))
    assert said
    assert all(f'of 12 pictures are kept in {out}.shards' in text for text in said)
    assert result.kept > 0
    assert out.read_bytes() == whole.read_bytes()
    assert not out.with_name('a.npz.shards').exists()


def test_unfinished_work_of_other_pictures_is_not_mixed(folder, tmp_path):
    small = ReIDInferencer(MODEL, device='cpu', precision='float32', batch_size=2)
    out = tmp_path / 'a.npz'

    def stop(done, total):
        raise KeyboardInterrupt

    file = EmbeddingFile(out, find_work([str(folder)]), small)
    with pytest.raises(KeyboardInterrupt):
        embed_to_file(file, progress=stop)
    other = find_work([str(folder / 'query')])
    with pytest.raises(ValueError, match=r"other \['pictures'\].*--restart"):
        EmbeddingFile(out, other, small)
    result = embed_to_file(EmbeddingFile(out, other, small, restart=True))
    assert result.count == 4


def test_the_last_of_two_parts_makes_the_file_of_one(folder, inferencer, tmp_path):
    whole, out = tmp_path / 'whole.npz', tmp_path / 'a.npz'
    work = find_work([str(folder)])
    embed_to_file(EmbeddingFile(whole, work, inferencer))
    parts = [EmbeddingFile(out, work, inferencer) for _ in range(2)]
    other = embed_to_file(parts[1], 1, 2)
    assert other.out is None
    assert other.missing == ((0, 6),)
    partly = parts[1].merge(partly=True)
    assert (partly.count, partly.missing) == (6, ((0, 6),))
    assert embed_to_file(parts[0], 0, 2).count == 12
    assert out.read_bytes() == whole.read_bytes()
    assert parts[1].merge().out is None


@pytest.mark.slow
def test_processes_share_the_work_and_a_dead_one_is_named(folder, tmp_path):
    """Two real processes, one of them killed; the others' vectors are kept."""
    sources = [folder] * 40
    whole, out = tmp_path / 'whole.npz', tmp_path / 'a.npz'
    first = subprocess.Popen(
        **command(*sources, '--out', out, RANK='0', WORLD_SIZE='2')
    )
    second = subprocess.Popen(
        **command(
            *(*sources, '--out', out, '--batch-size', 1, '--workers', 0),
            **dict(RANK='1', WORLD_SIZE='2'),
        )
    )
    shards = tmp_path / 'a.npz.shards'
    wait_until((shards / 'plan.json').is_file, second.poll)
    second.send_signal(signal.SIGKILL)
    second.wait()
    said, errors = first.communicate()
    assert first.returncode == 0, errors
    assert 'the last process writes' in said
    assert not out.exists()
    partly = run(*sources, '--out', out, '--merge')
    assert partly.returncode == 1, partly.stderr
    assert 'missing: pictures 240 to 479 of 480' in partly.stderr
    again = run(*sources, '--out', out, RANK='1', WORLD_SIZE='2')
    assert again.returncode == 0, again.stderr
    assert '480 vectors' in again.stdout
    assert not shards.exists()
    assert run(*sources, '--out', whole).returncode == 0
    with np.load(out) as a, np.load(whole) as b:
        assert a.files == b.files
        assert all((a[name] == b[name]).all() for name in a.files)


@pytest.mark.parametrize(
    'number', [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_ctrl_c_keeps_what_was_done(folder, tmp_path, number):
    sources = [folder] * 400
    words = command(*sources, '--out', tmp_path / 'a.npz', '--batch-size', 1)
    # A terminal is told at once how many pictures are done.
    terminal, words['stderr'] = pty.openpty()
    words['env']['TERM'] = 'xterm'
    process = subprocess.Popen(**words)
    os.close(words['stderr'])
    told = ''
    while 'embedding' not in told and (new := read_terminal(terminal)):
        told += new
    process.send_signal(number)
    while new := read_terminal(terminal):
        told += new
    os.close(terminal)
    process.communicate()
    assert process.returncode == 130, told
    assert 'of 4,800 pictures are kept' in told


def read_terminal(terminal):
    """Read what is there, or will be; nothing once the program has ended."""
    try:
        return os.read(terminal, 4096).decode(errors='replace')
    except OSError:  # as Linux tells the end
        return ''


@pytest.mark.parametrize('ending', ['npz', 'safetensors', 'csv'])
def test_names_of_any_bytes_are_kept(ending, folder, tmp_path, monkeypatch, capsys):
    if ending == 'safetensors':
        pytest.importorskip('safetensors')
    content = next(folder.rglob('*.png')).read_bytes()
    names = [
        b'a\nb.png',
        b'c,d.png',
        b'e"f\'g.png',
        b'\xff\xfe.png',
        'ü 猫.png'.encode(),
    ]
    place = os.fsencode(tmp_path / 'pictures')
    os.mkdir(place)
    for name in names:
        Path(os.fsdecode(os.path.join(place, name))).write_bytes(content)
    out = tmp_path / f'out.{ending}'
    status, printed = call(
        monkeypatch, capsys, tmp_path / 'pictures', '--out', out, '--json'
    )
    assert status == 0
    assert json.loads(printed.out)['count'] == len(names)
    if ending == 'csv':
        with out.open(encoding='utf-8', errors='surrogateescape', newline='') as file:
            found = [row['img_path'] for row in csv.DictReader(file)]
    else:
        paths = read_arrays(out)[0]['img_path']
        if paths.dtype == np.uint8:  # rows of UTF-8
            paths = np.frombuffer(paths.tobytes(), f'S{paths.shape[1]}')
            paths = np.char.decode(paths, 'utf-8', 'surrogateescape')
        found = paths.tolist()
    assert sorted(map(os.fsencode, found)) == sorted(
        os.path.join(place, name) for name in names
    )
