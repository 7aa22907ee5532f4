"""tools/model_converters/publish_model.py, and its files in the other tools."""

import json
import re
import sys
from pathlib import Path

import pytest
import torch
from mmengine.runner import Runner
from toy_training import toy_config

from mmreid.engine import read_safetensors


@pytest.fixture
def publish(load_tool, monkeypatch, capsys):
    """Run the tool; return the path that it prints and the rest."""

    def run(*words):
        tool = load_tool('model_converters/publish_model')
        monkeypatch.setattr(sys, 'argv', ['publish_model.py', *map(str, words)])
        monkeypatch.setattr(sys, 'path', list(sys.path))
        capsys.readouterr()
        tool.main()
        shown = re.search(r'^(\S+): \d.*', capsys.readouterr().out, re.MULTILINE)
        return Path(shown.group(1))

    return run


@pytest.fixture
def config(tmp_path) -> Path:
    """A config whose test draws nothing at random."""
    cfg = toy_config(tmp_path / 'work', max_epochs=1)
    cfg.test_dataloader.dataset.augment = False
    cfg.custom_hooks = [dict(type='EMAHook', momentum=0.3)]
    cfg.custom_imports = dict(imports=['toy_training'])
    cfg.dump(tmp_path / 'toy.py')
    Runner.from_cfg(cfg).train()
    return tmp_path / 'toy.py'


@pytest.mark.parametrize('suffix', ['.pth', '.safetensors'])
def test_a_published_file_has_the_scores_of_the_checkpoint(
    run_tool, publish, config, tmp_path, suffix
):
    checkpoint = tmp_path / 'work' / 'epoch_1.pth'
    results = [tmp_path / 'first.json', tmp_path / 'second.json']
    run_tool('test', config, checkpoint, '--out', results[0])
    published = publish(checkpoint, tmp_path / f'toy{suffix}', '--results', results[0])
    run_tool('test', config, published, '--out', results[1])
    first, second = (json.loads(path.read_text()) for path in results)
    assert first == second
    read = read_safetensors if suffix == '.safetensors' else torch.load
    assert read(published)['meta']['results'] == first


def test_a_published_file_begins_a_training(run_tool, publish, config, tmp_path):
    published = publish(tmp_path / 'work' / 'epoch_1.pth', tmp_path / 'toy.safetensors')
    options = ['--cfg-options', f'load_from={published}', 'train_cfg.max_epochs=1']
    run_tool('train', config, '--work-dir', tmp_path / 'again', *options)
    log = next((tmp_path / 'again').glob('*/*.log')).read_text()
    assert f'Load checkpoint from {published}' in log


def test_errors_are_short(publish, tmp_path, capsys):
    (tmp_path / 'a.pth').write_bytes(b'<html>404</html>')
    for words, message in [
        (('none.pth', 'b.pth'), 'There is no checkpoint file'),
        ((tmp_path / 'a.pth', 'b.pth'), 'cannot be read as a checkpoint'),
        ((tmp_path / 'a.pth', 'b.onnx'), 'ends in .pth or .safetensors'),
    ]:
        with pytest.raises(SystemExit) as ended:
            publish(*words)
        assert ended.value.code == 2
        assert message in capsys.readouterr().err
