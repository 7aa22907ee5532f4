"""From a config and a picture to a drawing of what the blocks relate."""

import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from torch import nn

from mmreid.apis import draw_receptive_fields, init_model, view_blocks
from mmreid.models.backbones import PluginGoogLeNet, PluginResNet

PLUGINS = [
    dict(cfg=dict(type='IABlock', sigma=(2, 4)), stages=(1,)),
    dict(cfg=dict(type='IABlock', sigma=(1, 2), parts=('cia', 'sia')), stages=(2,)),
]
ONLY_CIA = [dict(cfg=dict(type='IABlock', parts=('cia',)), stages=(1,))]


def trunk(plugins=PLUGINS):
    """A small trunk whose normalisations count."""
    net = PluginResNet(18, plugins=plugins, base_channels=8, stem_channels=8)
    for name, module in net.named_modules():
        if name.endswith(('sia_norm', 'cia_norm')):
            nn.init.normal_(module.weight)
    return net.eval()


def recorded(net, name, x):
    """Input and output of a plugin."""
    found = []
    plugin = net.get_submodule(name)
    with plugin.register_forward_hook(lambda _, args, out: found.extend([*args, out])):
        net(x)
    return found


class TestViews:
    def test_what_the_blocks_use_and_return(self):
        net, x = trunk(), torch.randn(1, 3, 64, 32)
        views = view_blocks(net, x)
        assert [view.name for view in views] == ['layer2.1.after', 'layer3.1.after']
        assert [view.size for view in views] == [(8, 4), (4, 2)]
        for view in views:
            block = net.get_submodule(view.name)
            source, output = recorded(net, view.name, x)
            assert np.array_equal(view.output, output[0].detach().double().numpy())
            expected = block.relation_maps(source)['sia'][0].detach().double().numpy()
            assert np.array_equal(view.relations['S'], expected)

    def test_kinds(self):
        net, x = trunk(), torch.randn(1, 3, 64, 32)
        view = view_blocks(net, x, ('K2', 'SA', 'SL', 'S'))[0]
        assert list(view.relations) == ['K2', 'SA', 'SL', 'S']
        source, _ = recorded(net, view.name, x)
        for kind, options in dict(
            K2=dict(contexts=(2,), relations='appearance'),
            SA=dict(relations='appearance'),
            SL=dict(relations='location'),
        ).items():
            plugin = dict(cfg=dict(type='SIA', sigma=(2, 4), **options), stages=(1,))
            sia = trunk([plugin]).layer2[1].after
            expected = sia.relation_map(source)[0].detach().double().numpy()
            assert np.allclose(view.relations[kind], expected, atol=1e-7)

    def test_leaves_no_trace(self):
        net, x = trunk(), torch.randn(1, 3, 64, 32)
        before = {k: v.clone() for k, v in net.state_dict().items()}
        (expected,) = net(x)
        view_blocks(net, x, ('K1', 'SL'))
        assert not any(module._forward_hooks for module in net.modules())
        assert torch.equal(net(x)[0], expected)
        assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())

    def test_googlenet(self):
        net = PluginGoogLeNet(PLUGINS).eval()
        views = view_blocks(net, torch.randn(1, 3, 64, 32))
        assert [view.name for view in views] == [
            'inception3b.after',
            'inception4e.after',
        ]

    @pytest.mark.parametrize(
        'make', [lambda: trunk([]), lambda: trunk(ONLY_CIA), nn.Identity]
    )
    def test_networks_without_such_blocks(self, make):
        net = make()
        with pytest.raises(ValueError, match='needs an IABlock'):
            view_blocks(net, torch.randn(1, 3, 64, 32))

    @pytest.mark.parametrize('kinds', [(), ('K0',), ('S', 'K'), ('semantic',)])
    def test_unknown_kinds(self, kinds):
        with pytest.raises(ValueError, match='Maps are'):
            view_blocks(trunk(), torch.randn(1, 3, 64, 32), kinds)


@pytest.fixture
def cfg(tmp_path):
    """A small IANet, as read from a file."""
    config = Config(
        dict(
            default_scope='mmreid',
            model=dict(
                type='PersonReID',
                backbone=dict(
                    type='PluginResNet',
                    depth=18,
                    base_channels=8,
                    stem_channels=8,
                    plugins=PLUGINS,
                ),
                head=dict(
                    type='MultiBranchHead',
                    in_channels=64,
                    num_classes=3,
                    branches=dict(whole=dict(pool=dict(type='GlobalPool'))),
                ),
            ),
            data_preprocessor=dict(mean=[120.0] * 3, std=[60.0] * 3, to_rgb=True),
            test_dataloader=dict(
                dataset=dict(
                    pipeline=[
                        dict(type='LoadImage'),
                        dict(type='Resize', scale=(32, 64)),
                        dict(type='PackInputs'),
                    ]
                )
            ),
        )
    )
    path = tmp_path / 'small.py'
    config.dump(path)
    return Config.fromfile(path)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / 'person.png'
    rng = np.random.default_rng(0)
    cv2.imwrite(str(path), rng.integers(0, 255, (100, 40, 3), np.uint8))
    return path


class TestDrawing:
    def test_default(self, cfg, picture, tmp_path):
        out = draw_receptive_fields(cfg, None, picture, tmp_path / 'new' / 'fields.png')
        sheet = cv2.imread(str(out))
        assert sheet.std() > 10
        # Two blocks; picture, five points, three channels.
        more = draw_receptive_fields(
            cfg, None, picture, tmp_path / 'more.png', kinds=('S', 'K1', 'SL')
        )
        larger = cv2.imread(str(more))
        assert larger.shape[1] == sheet.shape[1]
        assert larger.shape[0] > 2.8 * sheet.shape[0] - 200
        fewer = draw_receptive_fields(
            cfg,
            None,
            picture,
            tmp_path / 'fewer.jpg',
            points=[(20, 30)],
            channels=[5],
        )
        assert cv2.imread(str(fewer)).shape[1] < sheet.shape[1] / 2

    def test_channels_that_one_block_alone_has(self, cfg, picture, tmp_path):
        """Of 16 and 32 channels: number 20 stands in the second row."""
        options = dict(points=[(20, 30)], channels=[3, 20])
        out = draw_receptive_fields(
            cfg, None, picture, tmp_path / 'channels.png', **options
        )
        above, below = np.split(cv2.imread(str(out))[44:, -128:], 2)
        assert above.std() < 1 < 10 < below.std()

    def test_weights_come_from_the_checkpoint(self, cfg, picture, tmp_path):
        model = init_model(cfg)
        for module in model.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight)
        torch.save(model.state_dict(), tmp_path / 'weights.pth')
        sheets = []
        for name in ('a.png', 'b.png'):  # not by chance
            weights = tmp_path / 'weights.pth'
            out = draw_receptive_fields(cfg, weights, picture, tmp_path / name)
            sheets.append(out.read_bytes())
        assert sheets[0] == sheets[1]
        untrained = draw_receptive_fields(cfg, None, picture, tmp_path / 'c.png')
        assert untrained.read_bytes() != sheets[0]

    def test_explains_wrong_arguments(self, cfg, picture, tmp_path):
        def draw(name='out.png', source=picture, **options):
            draw_receptive_fields(cfg, None, source, tmp_path / name, **options)

        with pytest.raises(ValueError, match=r'\.jpg or \.png'):
            draw('out.pdf')
        with pytest.raises(ValueError, match='picture of 40 x 100 pixels'):
            draw(points=[(10, 10), (40, 10)])
        with pytest.raises(ValueError, match=r'channels 0 to 31, got \[32\]'):
            draw(channels=[3, 32])
        with pytest.raises(FileNotFoundError, match='No picture can be read'):
            draw(source=tmp_path / 'nothing.png')
        assert not list(tmp_path.glob('out.*'))


def test_tool(cfg, picture, tmp_path, monkeypatch, capsys):
    tool = Path(__file__).parents[3] / 'tools/visualization/receptive_field.py'
    out = tmp_path / 'fields.jpg'
    words = [tool, cfg.filename, 'none', picture, '--points', '20,30', '20,90']
    words += ['--channels', '3', '--maps', 'S', 'K5', '--out', out]
    monkeypatch.setattr(sys, 'argv', [str(word) for word in words])
    runpy.run_path(str(tool), run_name='__main__')
    assert capsys.readouterr().out.split() == [str(out)]
    assert cv2.imread(str(out)).std() > 10
    monkeypatch.setattr(sys, 'argv', [*sys.argv, '--points', '20,300'])
    with pytest.raises(SystemExit, match='2'):
        runpy.run_path(str(tool), run_name='__main__')
    error = capsys.readouterr().err
    assert 'must lie in the picture' in error
    assert 'Traceback' not in error
