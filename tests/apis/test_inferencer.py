"""Vectors of everything that shows persons, and what is said of the rest."""

import copy
import os
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from mmreid.apis import ReIDInferencer, embed, init_model
from mmreid.evaluation.functional import load_features

NAME = 'bot/bot_r18_synthmini.py'
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope='module')
def folder(crops, tmp_path_factory):
    """Pictures in a folder and in one below it, beside what is none."""
    root = tmp_path_factory.mktemp('pictures')
    for index, crop in enumerate(crops):
        place = root / 'below' if index > 2 else root
        place.mkdir(exist_ok=True)
        cv2.imwrite(str(place / f'{index:04d}_c{index}.png'), crop)
    (root / 'readme.txt').write_text('no picture')
    return root


@pytest.fixture(scope='module')
def inferencer(model):
    return ReIDInferencer(model, device='cpu', precision='float32', num_workers=2)


@pytest.fixture(scope='module')
def expected(model, crops):
    return embed(model, crops).numpy()


def test_it_tells_what_its_weights_were_trained_on(model, inferencer):
    assert inferencer.trained_on is None
    trained = copy.copy(model)
    trained.trained_on = dict(dataset='MSMT17', version='V1', split='train')
    told = ReIDInferencer(trained, device='cpu', precision='float32').trained_on
    assert told == 'MSMT17 V1 train'


def test_all_kinds_of_pictures_give_the_same_vector(inferencer, crops, expected):
    for kind in (
        lambda c: c,
        lambda c: torch.from_numpy(c),
        lambda c: torch.from_numpy(c).permute(2, 0, 1),
        lambda c: Image.fromarray(c[..., ::-1]),
        lambda c: np.dstack([c, np.full(c.shape[:2], 9, np.uint8)]),
        lambda c: c.astype(np.uint16) * 257,
    ):
        answer = inferencer([kind(crop) for crop in crops])
        assert not answer.failures
        assert (answer.vectors == expected).all()
        assert answer.vectors.dtype == np.float32
        assert [source.index for source in answer.sources] == [*range(len(crops))]
    assert (inferencer(iter(crops)).vectors == expected).all()
    assert np.allclose(inferencer(crops[0]).vectors, expected[:1], atol=1e-6)
    batch = np.stack([crops[0], crops[0][::-1]])
    assert len(inferencer(batch)) == len(inferencer(torch.from_numpy(batch))) == 2


def test_grey_pictures_are_as_their_files(inferencer, crops, tmp_path):
    grey = cv2.cvtColor(crops[0], cv2.COLOR_BGR2GRAY)
    deep = grey.astype(np.uint16) << 4
    cv2.imwrite(str(tmp_path / 'grey.png'), grey)
    cv2.imwrite(str(tmp_path / 'deep.png'), deep)
    files = [str(tmp_path / name) for name in ('grey.png', 'deep.png')]
    read = inferencer([*files, *files])
    shown = inferencer([grey, deep, *map(Image.open, files)])
    assert not shown.failures
    assert (read.vectors == shown.vectors).all()
    assert (inferencer([grey[..., None]] * 4).vectors[0] == read.vectors[0]).all()


def test_a_turned_pil_picture_is_as_its_file(inferencer, crops, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / 'turned.png'
    Image.fromarray(crops[0][..., ::-1]).rotate(90, expand=True).save(path, exif=exif)
    shown = inferencer([Image.open(path), path])
    assert np.allclose(shown.vectors[0], shown.vectors[1], atol=1e-6)


def test_folders_and_patterns_are_searched(inferencer, folder, expected):
    answer = inferencer(folder)
    names = [Path(path).name for path in answer.paths]
    assert names == sorted(names)
    rows = [int(name[:4]) for name in names]
    assert sorted(rows) == [*range(5)]
    assert np.allclose(answer.vectors, expected[rows], atol=1e-6)
    above = inferencer(f'{folder}/*.png')
    assert [Path(p).name[:4] for p in above.paths] == ['0000', '0001', '0002']
    assert len(inferencer(f'{folder}/**/*_c?.png')) == 5
    mixed = inferencer([folder, f'{folder}/*.png', folder / '0001_c1.png'])
    assert len(mixed) == 9
    assert [source.index for source in mixed.sources] == [*range(9)]


def test_what_leads_to_nothing_is_an_error_alone(inferencer, tmp_path):
    for wrong in (tmp_path, tmp_path / 'absent.jpg', f'{tmp_path}/*.jpg'):
        with pytest.raises(FileNotFoundError, match=tmp_path.name):
            inferencer(wrong)
    for wrong in (None, 5, {'a.jpg': 1}, b'a.jpg'):
        with pytest.raises(TypeError, match='pictures must be'):
            inferencer(wrong)


def test_bad_pictures_do_not_end_the_rest(inferencer, crops, folder, tmp_path):
    (tmp_path / 'cut.png').write_bytes((folder / '0002_c2.png').read_bytes()[:900])
    (tmp_path / 'text.jpg').write_text('no picture')
    bad = [
        (tmp_path / 'cut.png', 'cut short'),
        (tmp_path / 'text.jpg', 'no image'),
        (tmp_path / 'absent.jpg', 'no file'),
        (tmp_path / 'nothing*.jpg', 'fits the pattern'),
        (np.zeros((9, 5, 3), np.float32), 'by 255'),
        (np.zeros((9, 5, 2), np.uint8), r'(9, 5, 2)'),
        (np.zeros((0, 5, 3), np.uint8), 'pixels'),
        (torch.rand(3, 9, 5), 'float32'),
        (Image.fromarray(np.zeros((4, 4), np.float32)), "'F'"),
        (None, 'NoneType'),
        ([crops[0]], 'list'),
    ]
    mixed = [part for picture, _ in bad for part in (crops[0], picture)]
    answer = inferencer(mixed)
    assert [s.index for s in answer.sources] == [*range(0, len(mixed), 2)]
    assert [f.index for f in answer.failures] == [*range(1, len(mixed), 2)]
    for failure, (picture, reason) in zip(answer.failures, bad, strict=True):
        assert reason in failure.reason
        shown = isinstance(picture, Path)
        assert (
            failure.source == str(picture) if shown else 'pictures[' in failure.source
        )
    assert np.allclose(answer.vectors, answer.vectors[:1], atol=1e-6)


def test_boxes_are_clipped_and_refused_by_number(inferencer, crops, folder):
    frame = crops[2]  # 300 high, 101 wide
    nan = float('nan')
    boxes = [
        [[-9, 10, 50.4, 400], [nan, 0, 5, 5], [60, 60, 20, 20], [7, 7, 7, 9]],
        [],
        [[200, 0, 300, 10], [0, 0, 101, 300]],
    ]
    answer = inferencer([frame, frame, folder / '0002_c2.png'], boxes)
    assert [(s.index, s.box_index, s.frame) for s in answer.sources] == [
        (0, 0, 0),
        (2, 1, 2),
    ]
    assert answer.sources[0].box == (0, 10, 50.4, 300)
    shown = inferencer([frame[10:300, :50], frame])
    assert (answer.vectors == shown.vectors).all()
    reasons = ['finite', 'reversed', 'empty', 'outside']
    for failure, reason, number in zip(
        answer.failures, reasons, (1, 2, 3, 0), strict=True
    ):
        assert reason in failure.reason
        assert failure.source.endswith(f', box {number}')
    assert answer.failures[-1].source.startswith(str(folder))


def test_boxes_must_go_with_the_pictures(inferencer, crops):
    with pytest.raises(ValueError, match='got 1 for 2 pictures'):
        inferencer(crops[:2], [[]])
    with pytest.raises(ValueError, match='at least 2 pictures'):
        inferencer(iter(crops[:2]), iter([[]]))
    with pytest.raises(ValueError, match='got at least 2'):
        inferencer(iter(crops[:1]), iter([[], []]))
    answer = inferencer(crops[:2], [[[1, 2, 3]], 'ab'])
    assert [failure.index for failure in answer.failures] == [0, 1]
    assert '(1, 3)' in answer.failures[0].reason


def test_numbered_frames_keep_their_numbers(inferencer, crops):
    frames = ((number, crops[0]) for number in (7, 9))
    answer = inferencer(frames, [[[0, 0, 9, 9]], [[0, 0, 5, 9], [0, 0, 9, 5]]])
    assert [s.frame for s in answer.sources] == [7, 9, 9]
    assert [s.index for s in answer.sources] == [0, 1, 1]


@pytest.mark.parametrize('workers', [0, 3])
def test_a_video_is_taken_as_it_comes(model, crops, workers):
    """The generator is never further ahead than a few batches."""
    inferencer = ReIDInferencer(
        model, device='cpu', precision='float32', batch_size=4, num_workers=workers
    )
    taken, most, threads = 0, 0, threading.active_count()

    def video():
        nonlocal taken
        for number in range(60):
            taken += 1
            yield number, crops[number % 2]

    rows = 0
    for part in inferencer.stream(video()):
        most = max(most, taken - rows)
        rows += len(part)
        assert len(part) <= 4
    assert rows == 60
    assert most <= 16
    # Its own have ended; others' may have, too.
    assert threading.active_count() <= threads


def test_an_error_of_the_video_is_passed_on(inferencer, crops):
    def video():
        yield crops[0]
        raise RuntimeError('the camera is gone')

    with pytest.raises(RuntimeError, match='camera is gone'):
        inferencer(video())


def test_nothing_has_a_width(inferencer):
    empty = inferencer([])
    assert empty.vectors.shape == (0, inferencer.dim)
    assert len(empty) == 0
    assert empty.paths == []


def test_progress_counts_pictures(inferencer, crops):
    seen = []
    inferencer([*crops, None], progress=lambda *step: seen.append(step))
    assert seen[-1] == (6, 6)


def test_wrong_arguments_are_refused(model):
    for wrong in (dict(batch_size=0), dict(num_workers=-1), dict(precision='int4')):
        with pytest.raises(ValueError, match=f'{next(iter(wrong))} must be'):
            ReIDInferencer(model, **wrong)
    with pytest.raises(ValueError, match='checkpoint must be None'):
        ReIDInferencer(model, 'epoch_1.pth')
    with pytest.raises(ValueError, match='init_model'):
        ReIDInferencer(torch.nn.Linear(1, 1))
    with pytest.raises(ValueError, match=r'float32, got torch\.float16'):
        ReIDInferencer(copy.deepcopy(model).half())


def test_vectors_and_key_are_those_of_the_test_tool(tmp_path):
    """The files of a data set, through the command, bit by bit."""
    data = tmp_path / 'data'
    rng = np.random.default_rng(5)
    for split, ids in (('query', (1, 2)), ('gallery', (1, 2, 3))):
        (data / split).mkdir(parents=True)
        for person in ids:
            picture = cv2.resize(rng.integers(0, 256, (8, 4, 3), np.uint8), (50, 120))
            name = f'{person:04d}_c{1 if split == "query" else 2}.jpg'
            cv2.imwrite(str(data / split / name), picture)
    config = tmp_path / 'own.py'
    config.write_text(
        f'_base_ = {str(ROOT / "configs" / NAME)!r}\n'
        'model = dict(flip_test=True)\n'
        f"own = dict(_delete_=True, type='ReIDDataset', data_root={str(data)!r},\n"
        "    split='test', pattern=r'(?P<person>\\d+)_c(?P<camera>\\d+)',\n"
        '    pipeline=_base_.test_pipeline)\n'
        'test_dataloader = dict(num_workers=0, persistent_workers=False, dataset=own)\n'
        'val_dataloader = test_dataloader\n'
    )
    weights = tmp_path / 'weights.pth'
    torch.manual_seed(1)
    torch.save({'state_dict': init_model(str(config)).state_dict()}, weights)
    out = tmp_path / 'features.npz'
    subprocess.run(
        [sys.executable, ROOT / 'tools/test.py', config, weights, '--out', out],
        check=True,
        cwd=tmp_path,
        capture_output=True,
        env=dict(os.environ, PYTHONPATH=str(ROOT)),
    )
    tested = load_features(out)
    inferencer = ReIDInferencer(str(config), weights, device='cpu', precision='float32')
    answer = inferencer(list(tested.img_path))
    assert (answer.vectors == tested.embedding).all()
    assert answer.model_key == tested.meta['features_key']['model']
    assert answer.name == 'own'
