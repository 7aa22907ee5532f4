"""Embeddings of single pictures are those that a test compares."""

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from mmreid.apis import embed, find_config

NAME = 'bot/bot_r18_synthmini.py'


@pytest.fixture(scope='module')
def files(crops, tmp_path_factory):
    root = tmp_path_factory.mktemp('pictures')
    names = []
    for index, crop in enumerate(crops):
        folder = root / ('query' if index < 2 else 'gallery')
        folder.mkdir(exist_ok=True)
        names.append(folder / f'{index % 2:04d}_c{index}.png')
        cv2.imwrite(str(names[-1]), crop)
    return names


def test_files_and_crops_give_the_vectors_of_a_test(model, crops, files):
    """Through the data set, the data loader and the loop's step of the config."""
    loader = Config.fromfile(find_config(NAME)).test_dataloader
    loader.update(num_workers=0, persistent_workers=False)
    loader.dataset = dict(
        type='ReIDDataset',
        data_root=str(files[0].parents[1]),
        pattern=r'(?P<person>\d+)_c(?P<camera>\d+)',
        split='test',
        pipeline=loader.dataset.pipeline,
    )
    tested = {}
    for batch in Runner.build_dataloader(loader):
        with torch.no_grad():
            for sample in model.test_step(batch):
                tested[sample.img_path] = sample.embedding
    expected = torch.stack([tested[str(file)] for file in files])
    assert torch.equal(embed(model, files), expected)
    assert torch.equal(embed(model, [str(file) for file in files]), expected)
    assert torch.equal(embed(model, crops), expected)
    assert not torch.allclose(expected[0], expected[1], rtol=1e-2)


def test_an_embedding_does_not_depend_on_its_neighbours(model, crops):
    together = embed(model, crops)
    alone = torch.cat([embed(model, [crop]) for crop in crops])
    pairs = embed(model, crops, batch_size=2)
    for other in (alone, pairs, embed(model, crops[::-1]).flip(0)):
        assert torch.allclose(other, together, rtol=1e-4, atol=1e-5)


def test_no_picture_has_no_row_but_a_width(model, crops):
    empty = embed(model, [])
    assert empty.shape == (0, embed(model, crops[:1]).shape[1])
    assert empty.dtype == torch.float32


def test_embeddings_keep_no_graph(model, crops):
    assert not embed(model, crops[:1]).requires_grad
    batch = model.data_preprocessor(dict(inputs=[torch.zeros(3, 192, 96)]))
    assert not model(batch['inputs']).requires_grad


def test_the_crop_is_left_as_it_is(model, crops):
    kept = crops[1].copy()
    view = crops[1][::-1, ::-1]  # neither contiguous nor one's own
    view.flags.writeable = False
    embed(model, [view])
    assert (crops[1] == kept).all()


@pytest.mark.parametrize(
    ('wrong', 'kind', 'message'),
    [
        (np.random.rand(9, 5, 3), ValueError, r'uint8.*float64 \(9, 5, 3\).*by 255'),
        (np.zeros((9, 5, 3), np.float32), ValueError, 'float32'),
        (np.zeros((3, 9, 5), np.uint8), ValueError, r'\(3, 9, 5\)'),
        (np.zeros((9, 5), np.uint8), ValueError, r'\(9, 5\)'),
        (np.zeros((0, 5, 3), np.uint8), ValueError, r'\(0, 5, 3\)'),
        (torch.zeros(3, 9, 5, dtype=torch.uint8), TypeError, 'got Tensor'),
        (None, TypeError, r'pictures\[1\].*NoneType'),
    ],
)
def test_what_is_no_picture_is_refused(model, crops, wrong, kind, message):
    with pytest.raises(kind, match=message):
        embed(model, [crops[0], wrong])


def test_a_missing_file_is_named(model, crops, tmp_path):
    with pytest.raises(FileNotFoundError, match=r'pictures\[1\] .*absent\.jpg'):
        embed(model, [crops[0], tmp_path / 'absent.jpg'])


@pytest.mark.parametrize('single', [np.zeros((9, 5, 3), np.uint8), 'a.jpg', None])
def test_a_single_picture_belongs_in_brackets(model, single):
    with pytest.raises(TypeError, match='in brackets'):
        embed(model, single)


def test_other_models_and_modes_are_refused(model, crops):
    with pytest.raises(ValueError, match='batch_size'):
        embed(model, crops, batch_size=0)
    with pytest.raises(ValueError, match='init_model'):
        embed(torch.nn.Linear(1, 1), crops)
    try:
        with pytest.raises(ValueError, match='evaluation mode'):
            embed(model.train(), crops)
    finally:
        model.eval()
