"""A normal run ends without a warning of the libraries that it stands on."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from patience import PATIENCE
from tiny_market import make_market

ROOT = Path(__file__).resolve().parents[2]
CONFIG = 'osnet/osnet_x0_25_synthmini.py'
# In one process, for a new interpreter takes seconds to import torch and mmengine. It
# has to be a new one: where a library has warned before, it does not warn again.
RUN = """
import sys
from mmreid.cli.main import main
commands, command = [], []
for word in [*sys.argv[1:], ';']:
    if word == ';':
        commands.append(command)
        command = []
    else:
        command.append(word)
for command in commands:
    sys.argv = ['mmreid', *command]
    main()
"""


def write_config(path: Path, data: Path) -> str:
    """The small network, on a few pictures, with a schedule of any length."""
    data_set = dict(data_root=str(data), check=False)
    train = dict(
        batch_size=4,
        sampler=dict(num_ids=2, num_instances=2),
        dataset=dict(data_set, metainfo=dict(num_ids=2)),
    )
    step = dict(type='ConstantLR', factor=0.5, begin=0, end=1, by_epoch=False)
    path.write_text(
        f'_base_ = {str(ROOT / "configs" / CONFIG)!r}\n'
        f'train_dataloader = {train!r}\n'
        f'val_dataloader = {dict(dataset=data_set)!r}\n'
        f'test_dataloader = {dict(dataset=data_set)!r}\n'
        f'param_scheduler = [{step!r}]\n'
    )
    return str(path)


def options(epochs: int) -> list[str]:
    # Runners of one process share their log by the name of the experiment.
    name = f'experiment_name=epochs_{epochs}'
    return ['--cfg-options', f'train_cfg.max_epochs={epochs}', name]


def test_training_resuming_testing_and_embedding_warn_of_nothing(tmp_path):
    data, work = tmp_path / 'data', tmp_path / 'work'
    make_market(data, 2, np.random.default_rng(0))
    out = ['--work-dir', str(work)]
    checkpoint = str(work / 'epoch_2.pth')
    config = write_config(tmp_path / 'config.py', data)
    # Schedules step before the optimizer does.
    accumulated = 'optim_wrapper.accumulative_counts=2'
    commands = [
        ['train', config, *out, *options(1), accumulated],
        ['train', config, *out, '--resume', *options(2)],
        ['test', config, checkpoint, *out, *options(3)],
        ['embed', checkpoint, str(data / 'query'), '--out', str(work / 'e.npz')],
    ]
    words = [word for command in commands for word in (';', *command)][1:]
    done = subprocess.run(
        [sys.executable, '-c', RUN, *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONWARNINGS': ''},
    )
    assert done.returncode == 0, done.stderr
    assert not re.findall('.*Warning.*|Traceback', done.stderr)
    # mmengine's advice on accumulation is one to heed.
    told = [w for w in re.findall('.*WARNING.*', done.stdout) if 'BatchNorm' not in w]
    assert not told
    # It was all done.
    assert 'resumed epoch: 1' in done.stdout
    assert done.stdout.count('  trained to epoch ') == 2
    assert '  tested: mAP ' in done.stdout
    assert (work / 'e.npz').is_file()
    # And it can be read: the config alone has more lines.
    assert len(done.stdout.splitlines()) < 100
