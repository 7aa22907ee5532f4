"""Configs are found and become networks."""

import logging
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.runner import CheckpointLoader

from mmreid.apis import find_config, init_model
from mmreid.engine import CheckpointError

ROOT = Path(__file__).parents[2]
NAME = 'bot/bot_r18_synthmini.py'


def test_finds_a_config_by_path_and_by_name(tmp_path, monkeypatch):
    assert find_config(ROOT / 'configs' / NAME) == ROOT / 'configs' / NAME
    monkeypatch.chdir(tmp_path)
    assert find_config(NAME).samefile(ROOT / 'configs' / NAME)
    assert find_config(f'configs/{NAME}').samefile(ROOT / 'configs' / NAME)
    with pytest.raises(
        FileNotFoundError, match=r"no config 'bot/none.py' in .*configs"
    ):
        find_config('bot/none.py')


def test_finds_a_config_by_the_name_of_its_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_config('bot_r18_synthmini').samefile(ROOT / 'configs' / NAME)
    with pytest.raises(FileNotFoundError, match='did you mean bot_r18_synthmini'):
        find_config('bot_r18_synthmin')


def test_weights_decide_the_embedding(tmp_path):
    torch.manual_seed(0)
    model = init_model(NAME)
    assert not model.training
    torch.save(model.state_dict(), tmp_path / 'weights.pth')
    pictures = torch.rand(2, 3, 96, 48)
    with torch.no_grad():
        expected = model(pictures)
        assert torch.equal(
            init_model(NAME, tmp_path / 'weights.pth')(pictures), expected
        )
        assert not torch.allclose(init_model(NAME)(pictures), expected)


def test_a_checkpoint_is_read_once(tmp_path, monkeypatch):
    # The config does not say how many classes there are, so that it is asked twice.
    torch.save(init_model(NAME).state_dict(), tmp_path / 'weights.pth')
    reads = []
    load = CheckpointLoader.load_checkpoint
    monkeypatch.setattr(
        CheckpointLoader,
        'load_checkpoint',
        lambda *args, **kwargs: reads.append(args[0]) or load(*args, **kwargs),
    )
    init_model(NAME, tmp_path / 'weights.pth')
    assert reads == [str(tmp_path / 'weights.pth')]


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv('HOME', str(tmp_path))
    (tmp_path / 'own.py').write_text(f"_base_ = '{ROOT / 'configs' / NAME}'\n")
    torch.save(init_model('~/own.py').state_dict(), tmp_path / 'own.pth')
    for path in ('~/own.pth', Path('~/own.pth')):
        init_model(Path('~/own.py'), path)


def test_the_preprocessor_comes_along():
    model = init_model(NAME)
    batch = dict(inputs=[torch.zeros(3, 96, 48, dtype=torch.uint8)])
    value = model.data_preprocessor(batch)['inputs'][0, :, 0, 0]
    assert value.tolist() == pytest.approx([-2.1179, -2.0357, -1.8044], abs=1e-3)


def test_a_missing_weight_is_an_error(tmp_path):
    state = init_model(NAME).state_dict()
    del state['backbone.conv1.weight']
    torch.save(state, tmp_path / 'weights.pth')
    with pytest.raises(CheckpointError, match='conv1'):
        init_model(NAME, tmp_path / 'weights.pth')


def test_a_checkpoint_of_other_identities_serves(tmp_path):
    config = Config.fromfile(find_config(NAME))
    config.model.head.num_classes = 7
    other = init_model(config)
    torch.save(other.state_dict(), tmp_path / 'weights.pth')
    pictures = torch.rand(2, 3, 96, 48)
    with torch.no_grad():
        found = init_model(NAME, tmp_path / 'weights.pth')(pictures)
        assert torch.equal(found, other(pictures))


def test_initialising_fills_no_screen(capfd):
    # mmengine's screen handler is of this test's making.
    logger = MMLogger.get_instance('quiet', logger_name='quiet')
    init_model(NAME)
    shown = capfd.readouterr()
    assert len((shown.out + shown.err).splitlines()) < 10
    assert logger.level != logging.WARNING
