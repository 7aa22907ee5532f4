"""What takes a checkpoint takes an exported file, and gives the same vectors."""

import copy
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from tiny_exported import make_facts, mean_colours, write_tiny_onnx

from mmreid.apis import ReIDInferencer, embed, init_model
from mmreid.apis.inference.model_key import model_key
from mmreid.deploy import ExportedFileError
from mmreid.deploy.export import stamp

FORMATS = ('onnx', 'openvino', 'torch')
SMALL = make_facts(config='')


@pytest.fixture(scope='module')
def pictures():
    rng = np.random.default_rng(5)
    return [rng.integers(0, 256, (*size, 3), np.uint8) for size in [(40, 20), (9, 33)]]


@pytest.mark.parametrize('to', FORMATS)
def test_vectors_are_those_of_the_checkpoint(small, to, pictures):
    own, model = init_model(checkpoint=small.checkpoint), init_model(small.files[to])
    assert model_key(model) == model_key(own)
    assert model.cfg.test_dataloader.batch_size == 3
    assert model.model_cfg.backbone.depth == 18
    assert model.operating_point is None
    expected = embed(own, pictures)
    torch.testing.assert_close(embed(model, pictures), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize('to', FORMATS)
def test_the_inferencer_runs_it(small, to):
    model = ReIDInferencer(small.files[to], batch_size=3, num_workers=2)
    own = ReIDInferencer(small.checkpoint, precision='float32')
    assert (model.name, model.dim, model.precision) == ('small', 4, 'float32')
    assert model.model_key == own.model_key
    found, wanted = model(small.data / 'query'), own(small.data / 'query')
    assert found.paths == wanted.paths
    np.testing.assert_allclose(found.vectors, wanted.vectors, atol=1e-5)
    picture = small.data / 'query' / Path(found.paths[0]).name
    boxes = np.array([[2, 3, 20, 50], [0, 0, 32, 64], [40, 90, 50, 95]])
    found, wanted = model([picture], [boxes]), own([picture], [boxes])
    np.testing.assert_allclose(found.vectors, wanted.vectors, atol=1e-5)
    assert len(found.vectors) == 2
    assert [f.reason for f in found.failures] == [f.reason for f in wanted.failures]


def test_a_config_gives_the_data_and_the_file_the_network(small, pictures):
    model = init_model(small.config, small.files['torch'])
    assert model.cfg.filename == str(small.config)
    expected = embed(init_model(small.config, small.checkpoint), pictures)
    torch.testing.assert_close(embed(model, pictures), expected, atol=1e-5, rtol=0)
    given = Config.fromfile(small.config)
    again = init_model(given, small.files['torch'])
    torch.testing.assert_close(embed(again, pictures), expected, atol=1e-5, rtol=0)
    assert given.model.type == 'PersonReID'
    # The config that a model remembers makes it again.
    torch.testing.assert_close(
        embed(init_model(again.cfg), pictures), expected, atol=1e-5, rtol=0
    )


@pytest.mark.parametrize('channels', ['bgr', 'rgb'])
def test_pictures_are_resized_as_the_facts_say(tmp_path, channels, pictures):
    facts = replace(SMALL, channels=channels, interpolation='area')
    write_tiny_onnx(tmp_path / 'a.onnx', facts)
    found = embed(init_model(tmp_path / 'a.onnx'), pictures)
    resized = [cv2.resize(p, (4, 8), interpolation=cv2.INTER_AREA) for p in pictures]
    expected = mean_colours(np.stack(resized))
    if channels == 'rgb':
        expected = expected[:, ::-1]
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5)


def test_no_file_tells_where_it_was_made(small):
    for path in small.checkpoint.parent.glob('small.*'):
        if path.suffix in ('.onnx', '.xml', '.bin', '.pt2'):
            content = path.read_bytes()
            for place in (Path(__file__).parents[3], sys.prefix):
                assert str(place).encode() not in content, path


def test_what_a_network_is_told_is_left_out_and_said(tmp_path):
    text = "model = dict(type='PersonReID', backbone=dict(side_information=dict(a=1)))"
    write_tiny_onnx(tmp_path / 'a.onnx', replace(SMALL, config=text + chr(10)))
    write_tiny_onnx(tmp_path / 'b.onnx', SMALL)
    picture = torch.zeros(1, 3, 8, 4, dtype=torch.uint8)
    told = [
        init_model(tmp_path / name).test_step(dict(inputs=picture))[0].metainfo
        for name in ('a.onnx', 'b.onnx')
    ]
    common = dict(
        flip_test=False, normalize='none', runtime='onnxruntime', precision='float32'
    )
    assert told == [dict(common, side_information='left out'), common]


def test_networks_of_one_file_in_threads(small):
    model = init_model(small.files['openvino'])
    pictures = torch.randint(0, 256, (8, 1, 3, 32, 16), dtype=torch.uint8)
    expected = [model(one) for one in pictures]
    with ThreadPoolExecutor(4) as pool:
        found = [*pool.map(copy.deepcopy(model), pictures)]
    for one, other in zip(found, expected, strict=True):
        assert torch.equal(one, other)


def test_the_threshold_comes_along(tmp_path):
    point = dict(threshold=0.3, rate=0.01, achieved_rate=0.01, num_negative=1000)
    write_tiny_onnx(tmp_path / 'a.onnx', replace(SMALL, threshold=point))
    model = ReIDInferencer(tmp_path / 'a.onnx')
    assert model.operating_point.threshold == 0.3


def test_a_config_with_other_pictures_is_refused(small, tmp_path):
    cfg = Config.fromfile(small.config)
    resize = cfg.test_dataloader.dataset.pipeline[1]
    resize.scale = (16, 64)
    with pytest.raises(ValueError, match=r'small\.py .*small\.onnx.*32 x 16.*64 x 16'):
        init_model(cfg, small.files['onnx'])
    resize.update(scale=(16, 32), interpolation='bicubic')
    with pytest.raises(ValueError, match=r'bilinear of cv2, got .*bicubic of cv2'):
        init_model(cfg, small.files['onnx'])
    cfg.test_dataloader.dataset.pipeline.insert(1, dict(type='mmpretrain.CenterCrop'))
    with pytest.raises(ValueError, match='resize it once'):
        init_model(cfg, small.files['onnx'])


def test_what_a_file_cannot_do_is_refused(tmp_path):
    write_tiny_onnx(path := tmp_path / 'a.onnx', SMALL)
    model = init_model(path)
    picture = torch.zeros(1, 3, 8, 4, dtype=torch.uint8)
    for refused in (
        model.train,
        lambda: model(picture, mode='loss'),
    ):
        with pytest.raises(ValueError, match=r'a\.onnx cannot be trained'):
            refused()
    assert not model.eval().training
    with pytest.raises(ValueError, match="precision is the file's"):
        model.half()
    with pytest.raises(ValueError, match=r"device must be 'cpu' .*a\.onnx"):
        init_model(path, device='cuda')
    for options in (dict(device='cuda:1'), dict(compile=True), dict(precision='int8')):
        with pytest.raises(
            ValueError, match=rf'{next(iter(options))} must be .*a\.onnx'
        ):
            ReIDInferencer(path, **options)
    with pytest.raises(ValueError, match="precision is the file's"):
        ReIDInferencer(path, precision='bfloat16')
    with pytest.raises(ValueError, match='uint8'):
        model(picture.float())


def test_int8_is_a_precision_of_files_alone(small, tmp_path):
    write_tiny_onnx(tmp_path / 'a.onnx', replace(SMALL, precision='int8'))
    for word in ('auto', 'int8'):
        model = ReIDInferencer(tmp_path / 'a.onnx', precision=word)
        assert model.precision == 'int8'
    with pytest.raises(ValueError, match="'int8' is of exported files"):
        ReIDInferencer(small.checkpoint, precision='int8')


def test_a_config_in_a_file_runs_nothing(tmp_path):
    mark = tmp_path / 'mark'
    tested = 'test_cfg = dict()\ntest_dataloader = dict(dataset=dict(pipeline=[]))\n'
    texts = dict(
        code=f"model = open({str(mark)!r}, 'w')\n",
        type=f"{tested}test_evaluator = dict(type='os.system')\n",
        address=f"{tested}test_evaluator = dict(type='ReIDMetric', out='http://a/b')\n",
    )
    for name, text in texts.items():
        write_tiny_onnx(tmp_path / 'a.onnx', replace(SMALL, config=text))
        with pytest.raises(Exception, match=r'a\.onnx') as caught:
            init_model(tmp_path / 'a.onnx')
        assert caught.type.__name__ in ('ConfigFileError', 'WrongWeightsError'), name
    assert not mark.exists()
    # The network of a config is not built: the file has taken its place.
    config = "model = dict(type='os.system')\n"
    write_tiny_onnx(tmp_path / 'a.onnx', replace(SMALL, config=config))
    assert type(init_model(tmp_path / 'a.onnx')).__name__ == 'ExportedNetwork'


def test_a_changed_file_is_opened_again(tmp_path, pictures):
    write_tiny_onnx(path := tmp_path / 'a.onnx', SMALL)
    before = init_model(path)
    stamp(path, replace(SMALL, name='another one'))
    assert init_model(path).facts.name == 'another one'
    assert before.facts.name == SMALL.name
    path.write_bytes(b'')
    with pytest.raises(ExportedFileError, match=r'a\.onnx'):
        init_model(path)


def test_a_network_of_a_project_needs_none_of_its_code(small, tmp_path, pictures):
    copy = tmp_path / 'project.onnx'
    shutil.copyfile(small.files['onnx'], copy)
    config = small.facts.config.replace("'GlobalPool'", "'PoolOfNobody'")
    assert 'PoolOfNobody' in config
    stamp(copy, replace(small.facts, config=config))
    given = ReIDInferencer(copy)(pictures).vectors
    assert np.array_equal(given, ReIDInferencer(small.files['onnx'])(pictures).vectors)
