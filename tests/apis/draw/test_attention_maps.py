"""From a config and pictures to a sheet of what attention relates."""

import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from torch import nn

from mmreid.apis import draw_attention_maps, init_model, view_attention

TOOL = Path(__file__).parents[3] / 'tools/visualization/attention_map.py'
BOTH = [
    dict(cfg=dict(type='SONA'), stages=(1,)),
    dict(cfg=dict(type='IABlock', sigma=(1, 2)), stages=(2,)),
]
PIPELINE = [
    dict(type='LoadImage'),
    dict(type='Resize', scale=(32, 64)),
    dict(type='PackInputs'),
]


@pytest.fixture
def folder(tmp_path):
    """Two pictures."""
    rng = np.random.default_rng(0)
    (tmp_path / 'pictures').mkdir()
    for name in ('a.png', 'b.png'):
        image = rng.integers(0, 255, (100, 40, 3), np.uint8)
        cv2.imwrite(str(tmp_path / 'pictures' / name), image)
    return tmp_path / 'pictures'


@pytest.fixture
def make_cfg(tmp_path):
    """Make a small network's config, as read from a file."""

    def make(plugins=BOTH, stage=None, **model):
        pool = dict(type='GlobalPool')
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
                        plugins=plugins,
                    ),
                    head=dict(
                        type='MultiBranchHead',
                        in_channels=64,
                        num_classes=3,
                        branches=dict(whole=dict(pool=pool, stage=stage)),
                    ),
                    **model,
                ),
                data_preprocessor=dict(mean=[120.0] * 3, std=[60.0] * 3, to_rgb=True),
                test_dataloader=dict(dataset=dict(pipeline=PIPELINE)),
            )
        )
        config.dump(tmp_path / 'small.py')
        return Config.fromfile(tmp_path / 'small.py')

    return make


def seen_by(model, name, x):
    """The map that a module reads."""
    found = []
    module = model.get_submodule(name)
    with module.register_forward_pre_hook(lambda _, args: found.extend(args)):
        model.head(model.backbone(x))
    return found[0].detach()


class TestViews:
    @torch.no_grad()
    def test_maps_are_the_modules_own(self, make_cfg):
        model = init_model(make_cfg(stage=dict(type='SONA')))
        x = torch.randn(2, 3, 64, 32)
        views = view_attention(model, x)
        assert [view.name for view in views] == [
            'backbone.layer2.1.after',
            'backbone.layer3.1.after.sia',
            'head.branches.whole.stage.0',
        ]
        assert [view.strength.shape for view in views] == [
            (2, 8, 4),
            (2, 4, 2),
            (2, 2, 1),
        ]
        for view in views:
            source = seen_by(model, view.name, x)
            expected = model.get_submodule(view.name).relation_map(source)
            assert np.array_equal(view.relations, expected.double().numpy())
            squares = source.double().square().sum(1).numpy()
            assert np.allclose(view.strength, squares)

    def test_mirrored_pictures_are_not_looked_at(self, make_cfg):
        model = init_model(make_cfg(flip_test=True))
        assert len(view_attention(model, torch.randn(1, 3, 64, 32))) == 2

    def test_no_hook_is_left(self, make_cfg):
        model = init_model(make_cfg())
        view_attention(model, torch.randn(1, 3, 64, 32))
        assert not any(m._forward_pre_hooks for m in model.modules())

    def test_what_relates_channels_is_no_view(self, make_cfg):
        """Not even of a map with as many channels as positions."""
        cia = [dict(cfg=dict(type='IABlock', parts=('cia',)), stages=(1,))]
        model = init_model(make_cfg(cia))
        with pytest.raises(ValueError, match='relates positions'):
            view_attention(model, torch.randn(1, 3, 32, 32))

    def test_any_module_with_a_map(self, make_cfg):
        class Uniform(nn.Module):
            def forward(self, x):
                return x

            def relation_map(self, x):
                count = x.shape[2:].numel()
                return torch.full((1, count, count), 1 / count)

        model = init_model(make_cfg([]))
        model.head.branches['whole'].stage.append(Uniform())
        (view,) = view_attention(model, torch.randn(3, 3, 64, 32))
        assert view.relations.shape == (3, 2, 2)
        assert (view.relations == 0.5).all()

    def test_a_map_of_something_else_is_named(self, make_cfg):
        model = init_model(make_cfg())
        model.backbone.layer2[1].after.relation_map = lambda x: torch.eye(5)[None]
        with pytest.raises(ValueError, match=r'all 32 positions.*layer2\.1\.after'):
            view_attention(model, torch.randn(1, 3, 64, 32))


class TestSheet:
    def test_a_row_for_every_picture_and_attention(self, make_cfg, folder, tmp_path):
        out = tmp_path / 'new' / 'maps.png'
        points = [(5, 9), (30, 90), (20, 40)]
        options = dict(source=folder, points=points)
        torch.manual_seed(0)
        assert draw_attention_maps(make_cfg(), None, out, **options) == out
        sheet = cv2.imread(str(out))
        torch.manual_seed(0)
        one = draw_attention_maps(
            make_cfg(), None, tmp_path / 'one.png', **options | dict(count=1)
        )
        single = cv2.imread(str(one))
        # Two attentions: half the rows with half the pictures.
        title = 44
        assert sheet.shape[1] == single.shape[1]
        assert sheet.shape[0] - title == 2 * (single.shape[0] - title)
        assert np.array_equal(sheet[: len(single)], single)

    def test_own_points_and_all_at_the_default(self, make_cfg, folder, tmp_path):
        sizes = {}
        for count in (1, 5):
            points = [(3 * i, 15 * i) for i in range(count)]
            out = tmp_path / f'{count}.png'
            draw_attention_maps(make_cfg(), None, out, source=folder, points=points)
            sizes[count] = cv2.imread(str(out)).shape
        out = draw_attention_maps(
            make_cfg(), None, tmp_path / 'auto.jpg', source=folder
        )
        assert cv2.imread(str(out)).shape == sizes[5]
        assert sizes[1][1] < sizes[5][1]

    @pytest.mark.parametrize(
        ('options', 'message'),
        [
            (dict(points=[(41, 3)]), 'picture of 40 x 100'),
            (dict(top=-1), 'top must not be negative'),
            (dict(out_file='maps.gif'), r'\.jpg or \.png'),
        ],
    )
    def test_bad_options_are_named(self, make_cfg, folder, tmp_path, options, message):
        options = dict(out_file=tmp_path / 'm.jpg', source=folder) | options
        with pytest.raises(ValueError, match=message):
            draw_attention_maps(make_cfg(), None, **options)


class TestTool:
    def run(self, monkeypatch, *words):
        monkeypatch.setattr(sys, 'argv', ['attention_map.py', *map(str, words)])
        runpy.run_path(str(TOOL), run_name='__main__')

    def test_draws(self, monkeypatch, capsys, make_cfg, folder, tmp_path):
        cfg = make_cfg()
        picture = folder / 'a.png'
        options = ('--points', '3,50', '30,9', '--top', 3)
        self.run(monkeypatch, cfg.filename, 'none', picture, *options)
        out = Path(capsys.readouterr().out.splitlines()[-1])
        assert out.name == 'attention_map.jpg'
        assert cv2.imread(str(out)) is not None

    def test_errors_are_short(self, monkeypatch, capsys, make_cfg, folder):
        cfg = make_cfg([])
        with pytest.raises(SystemExit):
            self.run(monkeypatch, cfg.filename, 'none', folder)
        error = capsys.readouterr().err
        assert 'relates positions' in error
        assert 'Traceback' not in error
        with pytest.raises(SystemExit):
            self.run(monkeypatch, cfg.filename, 'none', '--points', '3;4')
        assert 'X,Y' in capsys.readouterr().err
