"""The converters' command lines."""

import sys
from pathlib import Path

import pytest
import torch
from torchvision.models import resnet18, resnet50

from mmreid.apis.conversion import FACTS, LAYOUTS
from mmreid.cli.model_converters import baseline_to_mmreid, rrid_to_mmreid
from mmreid.engine.checkpoints import FAMILIES

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ('rrid_to_mmreid', 'baseline_to_mmreid')


def run(load_tool, monkeypatch, name, *words):
    tool = load_tool(f'model_converters/{name}')
    monkeypatch.setattr(sys, 'argv', [f'{name}.py', *map(str, words)])
    monkeypatch.setattr(sys, 'path', list(sys.path))
    tool.main()


def test_layouts_are_the_packages():
    assert {*baseline_to_mmreid.LAYOUTS, 'rrid'} == set(LAYOUTS)


def test_facts_are_the_packages():
    offered = baseline_to_mmreid.FACTS
    assert {name: choices for name, (choices, _) in offered.items()} == {
        name: fact.choices for name, fact in FACTS.items()
    }


@pytest.mark.parametrize('family', FAMILIES, ids=str)
def test_every_family_names_a_tool_that_takes_it(family):
    path, *words = family.tool.split()
    tool = {'rrid_to_mmreid': rrid_to_mmreid}.get(Path(path).stem, baseline_to_mmreid)
    assert (ROOT / path).exists()
    args = tool.make_parser().parse_args(['theirs.pth', 'ours.pth', *words])
    assert getattr(args, 'layout', 'rrid') == family.layout


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
