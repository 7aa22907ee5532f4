"""tools/test.py, as users call it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.runner import Runner
from tiny_market import make_market
from toy_training import ToyMetric, ToyModel, toy_config

from mmreid import apis

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def config(tmp_path) -> Path:
    cfg = toy_config(tmp_path / 'work')
    cfg.custom_imports = dict(imports=['toy_training'])
    path = tmp_path / 'toy.py'
    cfg.dump(path)
    return path


def test_metrics_of_a_checkpoint_are_written(run_tool, config, tmp_path):
    weights = ToyModel().state_dict()
    torch.save(dict(state_dict=weights), tmp_path / 'toy.pth')
    out = tmp_path / 'new' / 'metrics.json'
    run_tool('test', config, tmp_path / 'toy.pth', '--out', out)
    first = json.loads(out.read_text())
    assert first['toy/count'] == 12
    assert first['toy/protocol'] == {'distance': 'toy'}
    weights['head.bias'] += 1
    torch.save(dict(state_dict=weights), tmp_path / 'toy.pth')
    run_tool('test', config, tmp_path / 'toy.pth', '--out', out)
    # The augmentation is random, its mean moves by far less than the bias.
    moved = json.loads(out.read_text())['toy/mean'] - first['toy/mean']
    assert moved == pytest.approx(1, abs=0.5)


def test_a_tilde_is_the_home_folder(run_tool, config, tmp_path, monkeypatch):
    monkeypatch.setenv('HOME', str(tmp_path))
    torch.save(dict(state_dict=ToyModel().state_dict()), tmp_path / 'toy.pth')
    words = ('--out', '~/metrics.json', '--work-dir', '~/logs')
    run_tool('test', '~/toy.py', '~/toy.pth', *words)
    assert (tmp_path / 'metrics.json').is_file()
    assert (tmp_path / 'logs').is_dir()


def test_without_checkpoint_the_network_is_initialised(
    run_tool, config, tmp_path, monkeypatch, capsys
):
    called = []
    monkeypatch.setattr(ToyModel, 'init_weights', lambda self: called.append(True))
    run_tool('test', config)
    assert called == [True]
    log = next((tmp_path / 'work').glob('*/*.log')).read_text()
    assert 'evaluated as initialised' in log


@pytest.mark.parametrize('method', ['color_histogram', 'bot', 'aanet'])
def test_what_the_demonstration_tests(run_tool, tmp_path, method):
    """With weights from scratch, and with none at all."""
    make_market(tmp_path / 'data', 4, np.random.default_rng(0))
    config = next((ROOT / 'configs' / method).glob(f'{method}*_synthmini.py'))
    out, loader = tmp_path / 'results.json', 'test_dataloader'
    run_tool(
        'test', config, '--work-dir', tmp_path / 'work', '--out', out,
        '--cfg-options', f'{loader}.dataset.data_root={tmp_path / "data"}',
        f'{loader}.dataset.check=False', f'{loader}.num_workers=0',
        f'{loader}.persistent_workers=False',
    )  # fmt: skip
    # Each person has a colour, which even random weights tell from the others.
    assert json.loads(out.read_text())['reid/mAP'] == pytest.approx(100)


def test_the_outputs_are_asked_for(run_tool, config, tmp_path, monkeypatch):
    made = []

    class Spy(apis.Outputs):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            made.append(arguments[1:])

        def prepare(self):
            made.append('prepared')

        def write(self, metrics):
            made.append(metrics['toy/count'])

    monkeypatch.setattr(apis, 'Outputs', Spy)
    names = [tmp_path / 'a.npz', tmp_path / 'b.json']
    arguments = [word for name in names for word in ('--out', name)]
    run_tool('test', config, *arguments, '--show-dir', tmp_path / 'show')
    assert made == [(names, tmp_path / 'show'), 'prepared', 12]


def ends(run_tool, capsys, *arguments):
    """Run the tool to its short error; return what it says."""
    with pytest.raises(SystemExit) as ended:
        run_tool('test', *arguments)
    assert ended.value.code == 2
    shown = capsys.readouterr().err
    assert 'Traceback' not in shown
    assert len(shown.splitlines()) < 4
    return shown


def test_a_checkpoint_of_another_model_is_refused(run_tool, config, tmp_path, capsys):
    weights = ToyModel().state_dict()
    weights['head.bias'] = torch.zeros(9)
    torch.save(dict(state_dict=weights), tmp_path / 'toy.pth')
    shown = ends(run_tool, capsys, config, tmp_path / 'toy.pth')
    assert 'do not belong together' in shown
    assert 'head.bias ([9] instead of [3])' in shown


def test_a_checkpoint_with_code_is_refused(run_tool, config, tmp_path, capsys):
    torch.save(dict(meta=Path('x')), tmp_path / 'unsafe.pth')
    shown = ends(run_tool, capsys, config, tmp_path / 'unsafe.pth')
    assert 'was refused' in shown


@pytest.mark.parametrize('num_workers', [0, 1])
def test_an_unreadable_picture_is_named(run_tool, config, capsys, num_workers):
    options = [f'test_dataloader.num_workers={num_workers}']
    options.append('test_dataloader.dataset.corrupt=x.jpg')
    shown = ends(run_tool, capsys, config, '--cfg-options', *options)
    assert 'error: cannot read image x.jpg\n' in shown


def test_an_error_of_the_code_keeps_its_traceback(run_tool, config, monkeypatch):
    def fail(self, results):
        raise ValueError('a defect')

    monkeypatch.setattr(ToyMetric, 'compute_metrics', fail)
    with pytest.raises(ValueError, match='a defect'):
        run_tool('test', config)


def test_an_impossible_output_fails_before_the_test(
    run_tool, config, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(Runner, 'test', lambda self: pytest.fail('tested'))
    (tmp_path / 'file').touch()
    ends(run_tool, capsys, config, '--out', tmp_path / 'file' / 'metrics.json')


@pytest.mark.skipif(not Path('/dev/full').exists(), reason='Linux only')
def test_a_full_disk_ends_with_the_name_of_the_file(run_tool, config, tmp_path, capsys):
    (tmp_path / 'metrics.json').symlink_to('/dev/full')
    with pytest.raises(SystemExit) as ended:
        run_tool('test', config, '--out', tmp_path / 'metrics.json')
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert 'No space left on device; it was not written' in told
    assert 'metrics.json' in told


def test_other_outputs_are_refused(run_tool, config, capsys):
    with pytest.raises(SystemExit) as ended:
        run_tool('test', config, '--out', 'metrics.csv')
    assert ended.value.code == 2
    assert '.json' in capsys.readouterr().err


def test_missing_data_explains_itself(run_tool, config, capsys):
    with pytest.raises(SystemExit) as ended:
        run_tool(
            'test', config, '--cfg-options', 'test_dataloader.dataset.missing=/data/x'
        )
    assert ended.value.code == 2
    assert 'TOYLAND' in capsys.readouterr().err
