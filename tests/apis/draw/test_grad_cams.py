"""From a config and pictures to a sheet of what the branches depend on."""

import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from torch import nn

from mmreid.apis import draw_grad_cams, find_pictures, init_model, prepare_pictures
from mmreid.visualization import draw_channel, draw_sheet, grad_cam

TOOL = Path(__file__).parents[3] / 'tools/visualization/grad_cam.py'
ID_LOSS = dict(type='mmpretrain.CrossEntropyLoss')


def write_picture(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(list(path.name.encode()))
    cv2.imwrite(str(path), rng.integers(0, 255, (100, 40, 3), np.uint8))
    return path


@pytest.fixture
def data(tmp_path):
    """Three queries and as many answers."""
    root = tmp_path / 'data'
    for person in (1, 2, 3):
        write_picture(root / 'query' / f'{person:04}_c1s1_000001_00.jpg')
        write_picture(root / 'bounding_box_test' / f'{person:04}_c2s1_000001_01.jpg')
    return root


@pytest.fixture
def cfg(tmp_path, data):
    """A small AIR-Net, as read from a file."""
    gmp = dict(type='GlobalPool', mode='max')
    pipeline = [
        dict(type='LoadImage'),
        dict(type='Resize', scale=(64, 128)),
        dict(type='PackInputs'),
    ]
    config = Config(
        dict(
            default_scope='mmreid',
            work_dir=str(tmp_path / 'work'),
            model=dict(
                type='PersonReID',
                backbone=dict(
                    type='PluginResNet',
                    depth=18,
                    base_channels=8,
                    stem_channels=8,
                    last_stage_copies=2,
                ),
                head=dict(
                    type='MultiBranchHead',
                    in_channels=64,
                    num_classes=3,
                    branches=dict(
                        appearance=dict(pool=gmp, id_loss=ID_LOSS),
                        interaction=dict(
                            pool=dict(type='AttentionPool'), in_index=1, id_loss=ID_LOSS
                        ),
                        silent=dict(pool=gmp, in_index=1),
                    ),
                ),
            ),
            data_preprocessor=dict(mean=[120.0] * 3, std=[60.0] * 3, to_rgb=True),
            test_dataloader=dict(
                dataset=dict(
                    type='Market1501',
                    data_root=str(data),
                    split='test',
                    check=False,
                    pipeline=pipeline,
                )
            ),
        )
    )
    path = tmp_path / 'small.py'
    config.dump(path)
    return Config.fromfile(path)


def weights_of(cfg, path):
    """Weights unlike those of the start, in a file."""
    model = init_model(cfg)
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.normal_(module.weight, std=0.1)
    torch.save(model.state_dict(), path)
    return path


class TestPictures:
    def test_queries(self, cfg, data):
        found = find_pictures(cfg)
        assert [p.caption for p in found] == ['id 1  c1', 'id 2  c1', 'id 3  c1']
        assert all(p.path.parent == data / 'query' for p in found)
        assert [p.caption for p in find_pictures(cfg, count=2)] == [
            'id 1  c1',
            'id 3  c1',
        ]
        cfg.test_dataloader = [cfg.test_dataloader]
        assert find_pictures(cfg) == found

    def test_a_picture_and_a_folder(self, cfg, data):
        folder = data / 'bounding_box_test'
        (folder / 'Thumbs.db').write_bytes(b'')
        found = find_pictures(cfg, folder)
        assert [p.path for p in found] == sorted(folder.glob('*.jpg'))
        assert find_pictures(cfg, found[1].path) == [found[1]]
        assert np.array_equal(found[1].read(), cv2.imread(str(found[1].path)))

    def test_are_prepared_as_for_a_test(self, cfg):
        paths = [picture.path for picture in find_pictures(cfg)]
        inputs = prepare_pictures(cfg, init_model(cfg), paths)
        for path, found in zip(paths, inputs, strict=True):
            image = cv2.resize(cv2.imread(str(path)), (64, 128))[:, :, ::-1]
            expected = (torch.tensor(image.copy()).permute(2, 0, 1) - 120.0) / 60
            torch.testing.assert_close(found, expected)

    def test_nothing_found(self, cfg, tmp_path):
        with pytest.raises(ValueError, match='at least 1, got 0'):
            find_pictures(cfg, count=0)
        with pytest.raises(FileNotFoundError, match=r'nothing\.png'):
            find_pictures(cfg, tmp_path / 'nothing.png')
        (tmp_path / 'empty').mkdir()
        with pytest.raises(FileNotFoundError, match='no picture in'):
            find_pictures(cfg, tmp_path / 'empty')


class TestDrawing:
    def test_a_row_a_picture_and_a_column_a_branch(self, cfg, tmp_path):
        def size(name, **options):
            out = draw_grad_cams(cfg, None, tmp_path / 'new' / name, **options)
            return np.array(cv2.imread(str(out)).shape[:2])

        whole = size('a.png')
        fewer = size('b.jpg', count=1, branches=['interaction'])
        # Beside the picture two branches have a classifier, all three a vector.
        column = 128 + 2 + 8
        assert whole[1] - fewer[1] == column
        assert size('c.png', answer='vector')[1] - whole[1] == column
        assert whole[0] - fewer[0] == 2 * (256 + 2 + 22 + 8)

    def test_shows_the_cams_of_the_checkpoint(self, cfg, tmp_path):
        weights = weights_of(cfg, tmp_path / 'weights.pth')
        sheet = cv2.imread(str(draw_grad_cams(cfg, weights, tmp_path / 'a.png')))
        again = cv2.imread(str(draw_grad_cams(cfg, weights, tmp_path / 'b.png')))
        assert np.array_equal(sheet, again)
        model = init_model(cfg, weights)
        paths = [picture.path for picture in find_pictures(cfg)]
        feats = model.backbone(prepare_pictures(cfg, model, paths))
        cams = grad_cam(model.head.branches['interaction'], feats).numpy()
        assert not np.allclose(cams[0], cams[1])
        for row, (path, cam) in enumerate(zip(paths, cams, strict=True)):
            top = 44 + row * (256 + 2 + 22 + 8) + 1
            left = 8 + 2 * (128 + 2 + 8) + 2 * 8 + 1  # of the third column
            image = cv2.resize(cv2.imread(str(path)), (128, 256))
            expected = draw_channel(image, cam)
            drawn = sheet[top : top + 256, left : left + 128]
            assert np.abs(drawn.astype(int) - expected).max() <= 3

    def test_says_where_nothing_speaks_for_the_answer(self, cfg, tmp_path, monkeypatch):
        model = init_model(cfg)
        nn.init.zeros_(model.head.branches['appearance'].classifier.weight)
        torch.save(model.state_dict(), tmp_path / 'weights.pth')
        sheets = []

        def draw(rows, *args):
            sheets.append([[picture.caption for picture in row] for row in rows])
            return draw_sheet(rows, *args)

        monkeypatch.setattr('mmreid.apis.draw.sheets.draw_sheet', draw)
        draw_grad_cams(cfg, tmp_path / 'weights.pth', tmp_path / 'a.png')
        captions = ['appearance: nothing', 'interaction']
        assert sheets == [[[f'id {n}  c1', *captions] for n in (1, 2, 3)]]

    def test_explains_wrong_arguments(self, cfg, tmp_path):
        def draw(name='out.png', weights=None, **options):
            draw_grad_cams(cfg, weights, tmp_path / name, **options)

        with pytest.raises(ValueError, match=r'\.jpg or \.png'):
            draw('out.pdf')
        with pytest.raises(ValueError, match=r"'silent'.*got 'tail'"):
            draw(branches=['tail'])
        with pytest.raises(ValueError, match="choose answer='vector'"):
            draw(branches=['silent'])
        weights = weights_of(cfg, tmp_path / 'weights.pth')
        cfg.model.head.num_classes = 4
        with pytest.raises(ValueError, match='no classifier of the shape'):
            draw(weights=weights)
        draw(weights=weights, answer='vector')


def test_tool(cfg, data, tmp_path, monkeypatch, capsys):
    weights = weights_of(cfg, tmp_path / 'weights.pth')
    words = ['grad_cam.py', cfg.filename, weights, '--count', '2', '--debug']
    monkeypatch.setattr(sys, 'path', list(sys.path))
    monkeypatch.setattr(sys, 'argv', [str(word) for word in words])
    runpy.run_path(str(TOOL), run_name='__main__')
    out = Path(capsys.readouterr().out.strip())
    assert out == Path(cfg.work_dir, 'grad_cam.jpg')
    assert cv2.imread(str(out)) is not None
    words = ['grad_cam.py', cfg.filename, 'none', data / 'nothing.jpg']
    monkeypatch.setattr(sys, 'argv', [str(word) for word in words])
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(TOOL), run_name='__main__')
    assert stop.value.code
    assert 'nothing.jpg' in capsys.readouterr().err
