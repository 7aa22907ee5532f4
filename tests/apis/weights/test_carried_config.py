"""A checkpoint alone is a model, and what it says runs nothing."""

import sys

import pytest
import torch
from mmengine.config import Config

from mmreid.apis import ReIDInferencer, init_model, publish_checkpoint
from mmreid.apis.model_names import find_config
from mmreid.apis.weights import WrongWeightsError

CONFIG = 'bot/bot_r18_synthmini.py'


def write(path, change=None, experiment='tried_20260101_120000'):
    """Write a training's checkpoint of the small network."""
    cfg = Config.fromfile(find_config(CONFIG))
    cfg._format_python_code = False
    content = cfg.to_dict()
    if change is not None:
        change(content)
    changed = Config(content)
    changed._format_python_code = False
    meta = dict(cfg=changed.pretty_text, experiment_name=experiment)
    weights = init_model(CONFIG).state_dict()
    torch.save(dict(meta=meta, state_dict=weights), path)
    return path


@pytest.mark.parametrize('kind', ['training', '.pth', '.safetensors'])
def test_a_checkpoint_alone_is_a_model(kind, tmp_path):
    path = write(tmp_path / 'epoch_1.pth')
    if kind != 'training':
        path = publish_checkpoint(path, tmp_path / f'given{kind}').path
    alone, named = init_model(path), init_model(CONFIG, path)
    pictures = torch.rand(2, 3, 192, 96)
    alone_vectors = alone(pictures, mode='tensor')
    assert torch.equal(alone_vectors, named(pictures, mode='tensor'))
    pipelines = (m.cfg.test_dataloader.dataset.pipeline for m in (alone, named))
    assert next(pipelines) == next(pipelines)
    assert alone.cfg.work_dir == 'work_dirs/tried'


def test_imports_hooks_and_folders_of_a_file_are_left_out(tmp_path, monkeypatch):
    mark = tmp_path / 'ran'
    (tmp_path / 'evil_module.py').write_text(f'open({str(mark)!r}, "w")')
    monkeypatch.syspath_prepend(tmp_path)

    def change(content):
        content['custom_imports'] = dict(imports=['evil_module'])
        content['custom_hooks'] = [dict(type='evil_module.Hook')]
        content['work_dir'] = str(tmp_path / 'elsewhere')

    model = init_model(write(tmp_path / 'a.pth', change, '../../etc_20260101_120000'))
    assert model.cfg.work_dir == 'work_dirs/a'
    assert 'evil_module' not in sys.modules
    assert not mark.exists()
    assert 'custom_imports' not in model.cfg
    assert not model.cfg.custom_hooks


@pytest.mark.parametrize(
    ('place', 'value', 'message'),
    [
        ('model', dict(type='os.system'), "type 'os.system' at model.type"),
        ('model', dict(type='evil_module'), "type 'evil_module'"),
        ('model', dict(type='mmpretrain.TIMMBackbone'), 'TIMMBackbone'),
        ('model', dict(_scope_='evil_module'), "package 'evil_module'"),
        ('test_evaluator', dict(type='DumpEmbeddings'), 'DumpEmbeddings'),
        ('test_evaluator', dict(type='DumpResults'), 'DumpResults'),
        (
            'test_dataloader',
            dict(collate_fn=dict(type='subprocess.check_output')),
            'subprocess.check_output',
        ),
        (
            'test_dataloader',
            dict(dataset=dict(data_root='http://127.0.0.1/x')),
            'address',
        ),
    ],
)
def test_what_could_run_or_fetch_is_refused(place, value, message, tmp_path):
    path = write(tmp_path / 'a.pth', lambda content: content[place].update(value))
    with pytest.raises(WrongWeightsError, match=message):
        init_model(path)


def test_a_type_of_a_project_tells_the_missing_import(tmp_path):
    def change(content):
        content['custom_imports'] = dict(imports=['projects.mine.pool'])
        content['model']['head'] = dict(type='MyPool')

    with pytest.raises(WrongWeightsError, match=r'imports projects\.mine\.pool'):
        init_model(write(tmp_path / 'a.pth', change))


def test_a_checkpoint_alone_has_the_key_of_its_config(tmp_path):
    path = write(tmp_path / 'epoch_1.pth')
    alone, named = ReIDInferencer(path), ReIDInferencer(CONFIG, path)
    assert alone.model_key == named.model_key
