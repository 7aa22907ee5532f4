"""Tools take the name of a model where they take a config or a checkpoint."""

import json
import re

import cv2
import numpy as np
import pytest
import torch
from named_clone import NAME, clone
from tiny_market import make_market

from mmreid.apis.weights.fetching import folder
from mmreid.cli import train
from mmreid.engine import leave_processes

__all__ = ['clone']


@pytest.fixture
def data(tmp_path):
    make_market(tmp_path / 'data', 2, np.random.default_rng(0))
    return tmp_path / 'data'


def options(data, *more):
    loaders = (f'{part}_dataloader' for part in ('train', 'val', 'test'))
    changes = [
        f'{loader}.{change}'
        for loader in loaders
        for change in (f'dataset.data_root={data}', 'dataset.check=False')
    ]
    return ['--cfg-options', *changes, *more]


def test_a_name_alone_is_tested_with_its_weights(
    clone, run_tool, data, tmp_path, capsys
):
    found = []
    for words in ([NAME], [NAME, NAME], [NAME, '--weights-file', tmp_path / 'a.pth']):
        torch.save(clone.weights, tmp_path / 'a.pth')
        out = tmp_path / f'{len(found)}.json'
        run_tool('test', *words, '--out', out, *options(data))
        found.append(json.loads(out.read_text()))
    assert found[0]['reid/protocol']['trained_on'] == 'Market-1501'
    assert found[0] == found[1] == found[2]
    # A converted checkpoint names its config.
    kept = next(folder().rglob('*.pth'))
    run_tool('test', kept, '--out', out, *options(data))
    assert json.loads(out.read_text()) == found[0]
    torch.save(dict(state_dict=clone.weights), tmp_path / 'a.pth')
    with pytest.raises(SystemExit):
        run_tool('test', tmp_path / 'a.pth', *options(data))
    assert 'does not tell its config' in capsys.readouterr().err


def test_what_is_wrong_ends_with_a_sentence(clone, run_tool, data, capsys):
    for words, message in (
        (
            ['tiny_r18_none'],
            r'error: No weights of tiny_r18_none are published\. Train',
        ),
        (
            [NAME, 'tiny_r18_marke'],
            r'error: There is neither a file nor',
        ),
        (
            ['tiny_r18_marke'],
            r'error: There is no config .*tiny_r18_market',
        ),
        (
            ['iny'],
            r'error: There is no config .*one of the \d that .*mmreid models --all',
        ),
    ):
        with pytest.raises(SystemExit):
            run_tool('test', *words, *options(data))
        assert re.search(message, capsys.readouterr().err, re.DOTALL)


def test_a_list_without_models_says_so(clone, load_tool, monkeypatch, capsys):
    for words, message in (
        (['tiny', 'nowhere'], "published weights has 'tiny' and 'nowhere' in it"),
        (['none'], '1 without have, which --all lists'),
        (['--all', 'tiny_r18_merket'], 'did you mean tiny_r18_market'),
    ):
        monkeypatch.setattr('sys.argv', ['list_models.py', *words])
        main = load_tool('list_models').main
        with pytest.raises(SystemExit):
            main()
        assert message in capsys.readouterr().err


def test_drawing_costs_and_publishing(clone, run_tool, tmp_path, capsys):
    cv2.imwrite('a.png', np.random.default_rng(0).integers(0, 255, (64, 32, 3)))
    run_tool('visualization/grad_cam', NAME, 'pretrained', 'a.png', '--out', 'b.jpg')
    assert (tmp_path / 'b.jpg').is_file()
    run_tool('analysis_tools/get_flops', NAME)
    assert 'backbone' in capsys.readouterr().out


def test_a_training_starts_from_a_name(clone, data, tmp_path, monkeypatch):
    parser = train.make_parser()
    trunk = 'model.backbone.init_cfg'
    changes = (
        f'load_from={NAME}',
        f'{trunk}=None',
        'experiment_name=by_name',
        'train_dataloader.batch_size=4',
        'train_dataloader.sampler.num_ids=2',
        'train_dataloader.sampler.num_instances=2',
    )
    args = parser.parse_args([NAME, *options(data, *changes)])
    args.work_dir = str(tmp_path / 'work')
    monkeypatch.setenv('LOCAL_RANK', '0')
    runner = train.prepare(parser, args)
    runner.load_or_resume()
    weight = clone.weights['conv1.weight']
    assert torch.equal(runner.model.backbone.conv1.weight, weight)
    leave_processes()
