"""The converters' command lines."""

import re
import sys

import pytest
import torch
from torchvision.models import resnet18, resnet50

from mmreid.apis.conversion import LAYOUTS
from mmreid.cli.model_converters import baseline_to_mmreid
from mmreid.engine.checkpoints import FAMILIES

TOOLS = ('rrid_to_mmreid', 'baseline_to_mmreid', 'convert')


def run(load_tool, monkeypatch, name, *words):
    tool = load_tool(f'model_converters/{name}')
    monkeypatch.setattr(sys, 'argv', [f'{name}.py', *map(str, words)])
    monkeypatch.setattr(sys, 'path', list(sys.path))
    tool.main()


def test_layouts_are_the_packages():
    assert {*baseline_to_mmreid.LAYOUTS, 'rrid'} <= set(LAYOUTS)
    assert {family.layout for family in FAMILIES} <= set(LAYOUTS)


@pytest.mark.parametrize('name', TOOLS)
@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'<html>404</html>', 'cannot be read as a checkpoint'),
        (None, 'There is no file'),
    ],
)
def test_files_are_explained(
    load_tool, monkeypatch, tmp_path, capsys, name, content, message
):
    source, target = tmp_path / 'theirs.pth', tmp_path / 'ours.pth'
    if content is not None:
        source.write_bytes(content)
    words = ['--layout', 'torchreid'] if name == TOOLS[1] else []
    with pytest.raises(SystemExit) as caught:
        run(load_tool, monkeypatch, name, source, target, *words)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err
    assert not target.exists()


def test_a_trunk_is_converted_and_its_use_printed(
    load_tool, monkeypatch, tmp_path, capsys
):
    source, target = tmp_path / 'theirs.pth', tmp_path / 'new' / 'ours.pth'
    weights = resnet50(weights=None).state_dict()
    torch.save(weights, source)
    words = ('--layout', 'torchvision', '--anti-aliasing', 'none')
    run(load_tool, monkeypatch, 'baseline_to_mmreid', source, target, *words)
    said = capsys.readouterr().out
    assert f'init_cfg.checkpoint={target}' in said
    assert 'cannot tell' not in said
    found = torch.load(target, weights_only=True)['state_dict']
    assert len(found) == 318
    assert torch.equal(found['conv1.weight'], weights['conv1.weight'])


def test_what_is_assumed_is_printed(load_tool, monkeypatch, tmp_path, capsys):
    source = tmp_path / 'theirs.pth'
    torch.save(resnet18(weights=None).state_dict(), source)
    words = (source, tmp_path / 'ours.pth', '--layout', 'timm')
    run(load_tool, monkeypatch, 'baseline_to_mmreid', *words)
    said = capsys.readouterr().out
    assert 'cannot tell' in said
    assert '--anti-aliasing blur or average' in said


def test_a_file_is_recognised(load_tool, monkeypatch, tmp_path, capsys):
    source = tmp_path / 'theirs.pth.tar'
    weights = resnet18(weights=None).state_dict()
    wrapped = {f'module.backbone.{name}': value for name, value in weights.items()}
    wrapped['module.head.mlp.0.weight'] = torch.ones(2, 2)
    torch.save({'student': {}, 'teacher': wrapped, 'epoch': 1}, source)
    run(load_tool, monkeypatch, 'convert', source)
    said = capsys.readouterr().out
    assert "the names of torchvision's or timm's ResNets (layout torchvision)" in said
    assert 'Left out: backbone.fc.weight, backbone.fc.bias, head.mlp.0.weight.' in said
    target = tmp_path / 'theirs.pth_mmreid.pth'
    assert f'init_cfg.checkpoint={target}' in said
    content = torch.load(target, weights_only=True)
    assert torch.equal(content['state_dict']['conv1.weight'], weights['conv1.weight'])
    assert content['meta'] == dict(
        layout='torchvision',
        source='theirs.pth.tar',
        facts={'anti_aliasing': 'none'},
        config_file='bot/bot_r50_market.py',
        options=['model.backbone.depth=18'],
        trunk=True,
    )


@pytest.mark.parametrize(
    ('weights', 'words', 'message'),
    [
        (
            {'stem.conv.weight': torch.ones(2, 3), 'stem.conv.bias': torch.ones(2)},
            (),
            r'holds stem\.conv\.weight \(2 x 3\) and 1 alike\..*rrid \(.*--lay',
        ),
        ({'head.branches.a.weight': torch.ones(1)}, (), 'needs no conversion'),
        ({'conv1.weight': torch.ones(1)}, ('--layout', 'x'), 'layout must be one of'),
        ({'conv1.weight': torch.ones(1)}, ('--layout', 'rrid'), 'RRID has local_N'),
    ],
)
def test_what_is_not_recognised(
    load_tool, monkeypatch, tmp_path, capsys, weights, words, message
):
    source = tmp_path / 'theirs.pth'
    torch.save(weights, source)
    with pytest.raises(SystemExit):
        run(load_tool, monkeypatch, 'convert', source, *words)
    assert re.search(message, capsys.readouterr().err)
    assert [*tmp_path.iterdir()] == [source]


def test_a_file_is_not_overwritten(load_tool, monkeypatch, tmp_path, capsys):
    source = tmp_path / 'theirs.pth'
    torch.save(resnet18(weights=None).state_dict(), source)
    with pytest.raises(SystemExit):
        run(load_tool, monkeypatch, 'convert', source, source)
    assert 'another file than the source' in capsys.readouterr().err
