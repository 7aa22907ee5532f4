"""The converters' command lines."""

import sys

import pytest
import torch

from mmreid.apis.conversion import LAYOUTS

TOOLS = ('rrid_to_mmreid', 'baseline_to_mmreid')


def run(load_tool, monkeypatch, name, *words):
    tool = load_tool(f'model_converters/{name}')
    monkeypatch.setattr(sys, 'argv', [f'{name}.py', *map(str, words)])
    monkeypatch.setattr(sys, 'path', list(sys.path))
    tool.main()


def test_layouts_are_the_packages(load_tool):
    known = load_tool('model_converters/baseline_to_mmreid').LAYOUTS
    assert {*known, 'rrid'} == set(LAYOUTS)


@pytest.mark.parametrize('name', TOOLS)
@pytest.mark.parametrize(
    ('content', 'message'),
    [(b'<html>404</html>', 'cannot be read as a checkpoint'), (None, 'No such file')],
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
    from torchvision.models import resnet50

    source, target = tmp_path / 'theirs.pth', tmp_path / 'new' / 'ours.pth'
    weights = resnet50(weights=None).state_dict()
    torch.save(weights, source)
    run(
        load_tool,
        monkeypatch,
        'baseline_to_mmreid',
        *(source, target, '--layout', 'torchvision'),
    )
    assert f'init_cfg.checkpoint={target}' in capsys.readouterr().out
    found = torch.load(target, weights_only=True)['state_dict']
    assert len(found) == 318
    assert torch.equal(found['conv1.weight'], weights['conv1.weight'])
