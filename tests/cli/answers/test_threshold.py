"""Thresholds from features, pairs and pictures; yes or no; and what is refused."""

import json
import re
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import mmreid
from mmreid.apis import init_model, publish_checkpoint
from mmreid.apis.decisions import find_kind
from mmreid.cli.answers import same, threshold
from mmreid.cli.model_converters import publish_model
from mmreid.evaluation.functional import load_threshold, save_features
from mmreid.evaluation.test_set import Features
from mmreid.search import Gallery, load_operating_point

ROOT = Path(mmreid.__file__).parents[1]
CONFIG = str(ROOT / 'configs/color_histogram/color_histogram_synthmini.py')


def call(module, monkeypatch, *words):
    """Run a command; return its status."""
    monkeypatch.setattr(sys, 'argv', ['mmreid', *map(str, words)])
    try:
        module.main()
    except SystemExit as end:
        return end.code or 0
    return 0


def make_features(path, persons=10, each=6):
    rng = np.random.default_rng(0)
    ids = np.repeat(np.arange(1, persons + 1), each)
    vectors = rng.normal(size=(persons, 16))[ids - 1] + rng.normal(
        0, 0.6, (len(ids), 16)
    )
    cameras = np.tile(np.arange(each), persons)
    names = np.array([f'{row}.jpg' for row in range(len(ids))])
    meta = {'features_key': {'model': 'ab12'}, 'dataset': 'toy'}
    save_features(
        path,
        Features(vectors.astype(np.float32), ids, cameras, cameras == 0, names, meta),
    )


@pytest.fixture(scope='module')
def pictures(tmp_path_factory):
    """Persons of one colour each in a few shades, and a table of all pairs."""
    folder, rng = tmp_path_factory.mktemp('pictures'), np.random.default_rng(0)
    names = []
    for person in range(6):
        for shot in range(3):
            hue = (person * 29 + rng.integers(0, 3)) % 180
            colour = np.array([[[hue, 200, 200]]], np.uint8)
            picture = np.full(
                (96, 48, 3), cv2.cvtColor(colour, cv2.COLOR_HSV2BGR)[0, 0]
            )
            noise = rng.integers(-8, 8, picture.shape)
            names.append(f'{person}_{shot}.png')
            cv2.imwrite(
                str(folder / names[-1]), (picture + noise).clip(0, 255).astype(np.uint8)
            )
    rows = ['a,b,same']
    for one in range(len(names)):
        rows += [f'{names[one]},{n},{int(names[one][0] == n[0])}' for n in names[:one]]
    (folder / 'pairs.csv').write_text('\n'.join(rows) + '\n')
    return folder


def test_features_give_a_threshold_that_evaluation_reads(tmp_path, monkeypatch, capsys):
    make_features(tmp_path / 'f.npz')
    out = tmp_path / 'point.json'
    words = (tmp_path / 'f.npz', '--rate', 0.01, '--out', out)
    assert call(threshold, monkeypatch, *words) == 0
    text = capsys.readouterr().out
    assert 'Of pairs of two persons about 1 in 100 passes for one' in text
    assert '4.5 wrong answers are allowed' in text
    point = load_operating_point(out)
    assert (point.model_key, point.dataset) == ('ab12', 'toy')
    assert load_threshold(out).threshold == point.threshold
    words = (*words, '--task', 'identification', '--rate', 0.1, '--json')
    assert call(threshold, monkeypatch, *words) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed['task'] == 'identification'
    assert printed['num_gallery'] == 50


def test_pairs_name_rows_or_paths_of_features(tmp_path, monkeypatch, capsys):
    make_features(tmp_path / 'f.npz')
    pairs = ['a,b,same']
    for row in range(60):
        pairs += [f'{row}.jpg,{n},{int(row // 6 == n // 6)}' for n in range(row)]
    (tmp_path / 'pairs.csv').write_text('\n'.join([*pairs, 'gone.jpg,3,0']))
    words = (tmp_path / 'f.npz', '--pairs', tmp_path / 'pairs.csv', '--rate', 0.01)
    assert call(threshold, monkeypatch, *words, '--json') == 1
    printed = capsys.readouterr()
    assert 'failed: gone.jpg' in printed.err
    found = json.loads(printed.out)
    assert found['num_persons'] == 10
    assert found['num_negative'] + found['num_positive'] == 60 * 59 // 2
    assert found['failures'][0]['source'] == 'gone.jpg'


def test_the_whole_way_from_pictures_to_yes_and_no(
    pictures, tmp_path, monkeypatch, capsys
):
    table = pictures / 'pairs.csv'
    rows = table.read_text()
    (pictures / 'more.csv').write_text(rows + 'gone.png,0_0.png,0\n')
    out = tmp_path / 'point.json'
    words = (CONFIG, '--pairs', pictures / 'more.csv', '--rate', 0.01, '--out', out)
    assert call(threshold, monkeypatch, *words, '--device', 'cpu') == 1
    assert 'failed: gone.png' in capsys.readouterr().err
    point = load_operating_point(out)
    assert (point.num_positive, point.num_negative, point.num_persons) == (18, 135, 6)
    one, again, other = (pictures / f'{n}.png' for n in ('0_0', '0_1', '3_0'))
    words = ('--threshold', out, '--device', 'cpu')
    assert call(same, monkeypatch, CONFIG, one, again, *words) == 0
    text = capsys.readouterr().out
    assert text.startswith('yes: one person (distance 0.')
    assert 'probability' in text
    assert call(same, monkeypatch, CONFIG, one, other, *words, '--json') == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed['same'] is False
    assert printed['probability'] < 0.5
    assert call(same, monkeypatch, CONFIG, one, pictures / 'gone.png', *words) == 2
    assert 'gone.png' in capsys.readouterr().err
    assert call(same, monkeypatch, CONFIG, one, other, '--device', 'cpu') == 2
    assert 'threshold must be given' in capsys.readouterr().err
    content = json.loads(out.read_text())
    useless = content | {'quality': dict(ece=0.2, brier=0.3, log_loss=0.7)}
    out.write_text(json.dumps(useless))
    assert call(same, monkeypatch, CONFIG, one, other, *words) == 1
    assert 'Warning: the probabilities are worth no more' in capsys.readouterr().err
    out.write_text(json.dumps(content | {'model_key': 'f' * 64}))
    assert call(same, monkeypatch, CONFIG, one, other, *words) == 2
    assert 'model_key must be ffff' in capsys.readouterr().err


@pytest.mark.parametrize('suffix', ['.pth', '.safetensors'])
def test_a_threshold_travels_with_the_weights(suffix, tmp_path, monkeypatch, capsys):
    if suffix == '.safetensors':
        pytest.importorskip('safetensors')
    import torch

    make_features(tmp_path / 'f.npz')
    out = tmp_path / 'point.json'
    words = (tmp_path / 'f.npz', '--rate', 0.01, '--out', out)
    assert call(threshold, monkeypatch, *words) == 0
    model = init_model(CONFIG)
    assert model.operating_point is None
    tensors = model.state_dict() or {'none': torch.zeros(1)}
    torch.save(dict(state_dict=tensors, meta={}), tmp_path / 'epoch_1.pth')
    words = (tmp_path / 'epoch_1.pth', tmp_path / f'new{suffix}', '--threshold', out)
    assert call(publish_model, monkeypatch, *words) == 0
    (published,) = tmp_path.glob(f'new-*{suffix}')
    again = publish_checkpoint(published, tmp_path / f'again{suffix}').path
    found = init_model(CONFIG, str(again)).operating_point
    assert found == load_operating_point(out)


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('a,b\n1.png,2.png\n', r"lacks \['same'\]"),
        ('a,b,same\n', 'its header alone'),
        ('a,b,same\n1.png,,1\n', r'line 2: a and b must name pictures'),
        ('a,b,same\n1.png,2.png,maybe\n', r"line 2: same must be one of .*'maybe'"),
        ('a,b,same\n1.png,1.png,1\n', 'Pair 0 is a picture with itself'),
        ('a,b,same\n1.png,2.png,1\n2.png,1.png,0\n', 'Pair 1 contradicts pair 0'),
        ('a,b,same\n1.png,2.png,1\n1.png,2.png,1\n', 'Pair 1 repeats pair 0'),
        ('a,b,same\nx.png,y.png,1\n', 'no pair whose pictures both have vectors'),
    ],
)
def test_wrong_tables_are_refused(text, message, tmp_path, monkeypatch, capsys):
    make_features(tmp_path / 'f.npz')
    (tmp_path / 'pairs.csv').write_text(text)
    words = (tmp_path / 'f.npz', '--pairs', tmp_path / 'pairs.csv')
    assert call(threshold, monkeypatch, *words) == 2
    printed = capsys.readouterr().err
    assert re.search(message, printed)
    assert 'Traceback' not in printed


@pytest.mark.parametrize('ending', ['.npz', '.h5', '.hdf5', '.parquet'])
def test_files_of_features_are_told_by_their_ending(ending, tmp_path):
    path = tmp_path / f'f{ending}'
    path.write_bytes(b'x' * 100)
    assert find_kind(path) == 'features'
    path.rename(path.with_suffix('.pth'))
    assert find_kind(path.with_suffix('.pth')) == 'model'


def test_sources_without_pairs_are_told_apart(tmp_path, monkeypatch, capsys):
    assert call(threshold, monkeypatch, CONFIG) == 2
    assert '--pairs CSV' in capsys.readouterr().err
    assert call(threshold, monkeypatch, tmp_path / 'gone.npz') == 2
    assert 'gone.npz' in capsys.readouterr().err


def test_a_gallery_keeps_its_threshold_and_says_unknown(tmp_path, monkeypatch, capsys):
    rng = np.random.default_rng(0)
    persons = np.repeat(np.arange(12), 5)
    vectors = rng.normal(size=(13, 16))[persons] + rng.normal(0, 0.3, (60, 16))
    path, key = tmp_path / 'g.mmreid', 'a' * 64
    with Gallery.create(path, 16, model_key=key) as gallery:
        cameras = [str(row % 5) for row in range(60)]
        labels = dict(persons=persons.tolist(), cameras=cameras)
        gallery.add(vectors.astype(np.float32), model_key=key, **labels)
    assert call(threshold, monkeypatch, path, '--rate', 0.05, '--json') == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed['task'], printed['num_gallery']) == ('identification', 60)
    assert printed['model_key'] == key
    with Gallery(path, read_only=True) as gallery:
        assert gallery.operating_point.threshold == printed['threshold']
        asked = np.stack([vectors[0], -vectors[0]]).astype(np.float32)
        answers = gallery.search(asked, 3, model_key=key)
        assert answers.known.tolist() == [True, False]
        expected = gallery.operating_point.probability(answers.distances)
        np.testing.assert_allclose(answers.probabilities, expected)


def test_a_threshold_of_another_model_is_not_published(tmp_path, monkeypatch, capsys):
    import torch
    from mmengine.config import Config

    from mmreid.apis.inference.model_key import model_key

    make_features(tmp_path / 'f.npz')
    out = tmp_path / 'point.json'
    words = (tmp_path / 'f.npz', '--rate', 0.01, '--out', out)
    assert call(threshold, monkeypatch, *words) == 0
    model = init_model(CONFIG)
    meta = dict(cfg=Config(dict(model.cfg._cfg_dict)).pretty_text)
    tensors = model.state_dict() or {'none': torch.zeros(1)}
    torch.save(dict(state_dict=tensors, meta=meta), tmp_path / 'epoch_1.pth')
    words = (tmp_path / 'epoch_1.pth', tmp_path / 'new.pth', '--threshold', out)
    for key, status in (('f' * 64, 2), (model_key(model), 0)):
        content = json.loads(out.read_text()) | {'model_key': key}
        out.write_text(json.dumps(content))
        assert call(publish_model, monkeypatch, *words) == status
        assert len([*tmp_path.glob('new-*.pth')]) == (status == 0)
    assert 'point.json must be a threshold of' in capsys.readouterr().err
