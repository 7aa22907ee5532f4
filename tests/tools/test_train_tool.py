"""tools/train.py and its launchers, as users call them."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from free_port import free_port
from mmengine.config import Config
from patience import PATIENCE
from toy_training import toy_config

ROOT = Path(__file__).resolve().parents[2]
HELPERS = Path(__file__).resolve().parents[1] / 'helpers'


def run_command(*command: object, **environment: str) -> subprocess.CompletedProcess:
    own = dict(PYTHONPATH=str(HELPERS), OMP_NUM_THREADS='1')
    return subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=os.environ | own | environment,
    )


@pytest.fixture
def config(tmp_path) -> Path:
    """A config file that finds the toy parts by `custom_imports`."""
    hooks = [dict(type='PlainCheckpointHook'), dict(type='SeedHook')]
    cfg = toy_config(tmp_path / 'work', custom_hooks=hooks)
    cfg.custom_imports = dict(imports=['toy_training'])
    path = tmp_path / 'toy.py'
    cfg.dump(path)
    return path


def saved(work_dir: Path, epoch: int) -> dict:
    return torch.load(work_dir / f'epoch_{epoch}.pth', weights_only=True)


# Importing torch alone takes twenty times as long as all the rest.
RUN = """
import runpy, sys
sys.argv = [sys.argv[1], '--help']
try:
    runpy.run_path(sys.argv[0], run_name='__main__')
finally:
    print('heavy:', *({'torch', 'mmengine', 'mmcv', 'cv2'} & {*sys.modules}))
"""


@pytest.mark.parametrize(
    ('name', 'option'),
    [
        ('train', '--cfg-options'),
        ('test', '--cfg-options'),
        ('analysis_tools/get_flops', '--cfg-options'),
        ('dataset_converters/make_synthreid', '--size'),
    ],
)
def test_help_waits_for_no_large_package(name, option):
    done = run_command(sys.executable, '-c', RUN, ROOT / 'tools' / f'{name}.py')
    assert option in done.stdout
    assert done.stdout.splitlines()[-1] == 'heavy:', done.stderr


def test_training_stopped_and_resumed_by_the_tool(run_tool, config, tmp_path):
    run_tool('train', config, '--work-dir', tmp_path / 'whole')
    whole, halves = tmp_path / 'whole', tmp_path / 'halves'
    halves.mkdir()
    # As if it had been killed in the second epoch.
    shutil.copy(whole / 'epoch_1.pth', halves)
    (halves / 'last_checkpoint').write_text(str(halves / 'epoch_1.pth'))
    run_tool('train', config, '--work-dir', halves, '--resume')
    named = tmp_path / 'named'
    first = str(whole / 'epoch_1.pth')
    run_tool('train', config, '--work-dir', named, '--resume', first)
    for other in (halves, named):
        for key, value in saved(whole, 2)['state_dict'].items():
            assert torch.equal(value, saved(other, 2)['state_dict'][key])


def test_resume_without_checkpoint_starts_anew(run_tool, config, tmp_path, capfd):
    run_tool('train', config, '--resume', '--work-dir', tmp_path / 'new')
    assert saved(tmp_path / 'new', 2)['meta']['epoch'] == 2
    log = next((tmp_path / 'new').glob('*/*.log')).read_text()
    assert 'to resume from: training starts anew' in log
    for said in (log, capfd.readouterr().out):
        assert 'checkpoint None' not in said
        assert 'Did not find' not in said


@pytest.mark.parametrize('words', [(), ('--verbose',)])
def test_the_screen_is_short_unless_asked(run_tool, config, tmp_path, capsys, words):
    run_tool('train', config, *words, '--work-dir', tmp_path / 'work')
    shown = capsys.readouterr().out
    run_tool('test', config, *words, '--work-dir', tmp_path / 'work')
    shown += capsys.readouterr().out
    for part in ('System environment:', 'Config:\n', 'Hooks will be executed'):
        assert shown.count(part) == 2 * len(words)
    logs = [path.read_text() for path in tmp_path.glob('work/*/*.log')]
    for part in ('  training\n', '  test\n', '  trained to epoch 2 in 0:0'):
        told = part if not words else part.replace('  ', ' - INFO - ', 1)
        assert told in shown
        assert sum(part.lstrip() in log for log in logs) == 1
    assert shown.count('  work folder ') == 2


def test_amp_and_options_reach_the_runner(run_tool, config, tmp_path):
    options = ['train_cfg.max_epochs=1', 'optim_wrapper.optimizer.lr=0.5']
    work_dir = tmp_path / 'amp'
    run_tool(
        'train', config, '--amp', '--work-dir', work_dir,
        '--cfg-options', *options,
    )  # fmt: skip
    assert saved(work_dir, 1)['meta']['epoch'] == 1
    dumped = (work_dir / 'toy.py').read_text()
    assert 'AutocastOptimWrapper' in dumped
    assert 'lr=0.5' in dumped


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['--cfg-options', 'train_dataloader.dataset.missing=/data/x'], 'TOYLAND'),
        (
            ['--cfg-options', 'train_dataloader.dataset.corrupt=x.jpg'],
            'error: cannot read image x.jpg\n',
        ),
        (
            [
                '--cfg-options',
                'train_dataloader.dataset.corrupt=x.jpg',
                'train_dataloader.num_workers=1',
            ],
            'error: cannot read image x.jpg\n',
        ),
        (['--resume', '/no/such/epoch_9.pth'], '/no/such/epoch_9.pth'),
        (['--cfg-options', 'nonsense'], 'KEY=VALUE'),
    ],
)
def test_errors_explain_themselves(run_tool, capsys, config, arguments, message):
    with pytest.raises(SystemExit) as ended:
        run_tool('train', config, *arguments)
    assert ended.value.code == 2
    shown = capsys.readouterr().err
    assert message in shown
    assert 'Traceback' not in shown
    assert len(shown.splitlines()) < 5


def test_debug_shows_where(run_tool, config):
    options = ['--cfg-options', 'train_dataloader.dataset.missing=/data/x', '--debug']
    with pytest.raises(FileNotFoundError, match='TOYLAND'):
        run_tool('train', config, *options)


def test_an_unsafe_checkpoint_ends_training_with_its_message(
    run_tool, capsys, config, tmp_path
):
    path = tmp_path / 'unsafe.pth'
    torch.save(dict(meta=Path('x')), path)
    with pytest.raises(SystemExit):
        run_tool('train', config, '--resume', path)
    assert 'was refused' in capsys.readouterr().err


def test_a_group_of_processes_on_the_cpu(run_tool, config, tmp_path, monkeypatch):
    address = dict(MASTER_ADDR='127.0.0.1', MASTER_PORT=free_port())
    for name, value in dict(address, RANK='0', WORLD_SIZE='1').items():
        monkeypatch.setenv(name, value)
    work_dir = tmp_path / 'group'
    run_tool('train', config, '--launcher', 'pytorch', '--work-dir', work_dir)
    assert saved(work_dir, 2)['meta']['iter'] == 6
    assert 'device_ids=None' in (work_dir / 'toy.py').read_text()
    assert not torch.distributed.is_initialized()


@pytest.mark.slow
def test_two_processes_measure_the_network_that_they_save(config, tmp_path):
    cfg = Config.fromfile(config)
    base = Config.fromfile(ROOT / 'configs/_base_/default_runtime.py')
    cfg.custom_hooks = base.custom_hooks
    cfg.test_dataloader.dataset.augment = False
    cfg.val_dataloader, cfg.val_cfg = cfg.test_dataloader, dict()
    cfg.val_evaluator = cfg.test_evaluator
    cfg.train_cfg.val_interval = 1
    cfg.dump(config)
    work_dir = tmp_path / 'two'
    done = run_command(
        ROOT / 'tools/dist_train.sh', config, 2, '--work-dir', work_dir,
        PYTHON=sys.executable, PORT=free_port(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    # 12 pictures for 2 processes of batch 4: two steps an epoch.
    assert saved(work_dir, 2)['meta']['iter'] == 4
    log = next(work_dir.glob('*/*.log')).read_text()
    logged = re.findall(r'Epoch\(val\) .*toy/mean: (-?[\d.]+)', log)
    assert len(logged) == 2
    for epoch, mean in enumerate(logged, 1):
        out = tmp_path / f'epoch_{epoch}.json'
        checkpoint = work_dir / f'epoch_{epoch}.pth'
        done = run_command(
            sys.executable, ROOT / 'tools/test.py', config, checkpoint,
            '--out', out, '--work-dir', tmp_path / 'one',
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        found = json.loads(out.read_text())
        assert found['toy/count'] == 12
        # Exact up to the four digits of the log.
        assert found['toy/mean'] == pytest.approx(float(mean), abs=6e-5)
    done = run_command(
        ROOT / 'tools/dist_test.sh', config, work_dir / 'epoch_2.pth', 2,
        '--out', out, '--work-dir', work_dir, PYTHON=sys.executable, PORT=free_port(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(out.read_text())['toy/mean'] == pytest.approx(
        float(mean), abs=6e-5
    )
