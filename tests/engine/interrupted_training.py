"""Trains SONA-Net on a few pictures, and kills it while it does.

A program of its own: it forks every training from a process that has imported all and
has no threads, so that twenty of them take seconds.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import mmengine.config.config
import numpy as np
import torch
from mmengine.config import Config
from tiny_market import make_market

from mmreid.engine import (
    STOPPED_STATUS,
    TrainingStoppedError,
    build_runner,
    read_config,
    use_checkpoint,
)

ROOT = Path(__file__).resolve().parents[2]
PERSONS = 12


def make_config(data_root: Path, work_dir: Path, epochs: int) -> Config:
    """All that has a state: see the test for what is in it."""
    cfg = read_config(str(ROOT / 'configs/sonanet/sonanet_r18_synthmini.py'))
    cfg.model.backbone.update(base_channels=8, stem_channels=8)
    cfg.model.head.update(in_channels=64, num_classes=PERSONS)
    cfg.model.head.branches.whole.channels = 8
    cfg.model.head.branches.drop.channels = 8
    cfg.train_dataloader.update(batch_size=8, num_workers=1)
    cfg.train_dataloader.sampler = dict(
        type='IdentitySampler', num_ids=4, num_instances=2, repeat=2
    )
    cfg.val_dataloader.update(num_workers=0, persistent_workers=False)
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.dataset.update(data_root=str(data_root), check=False)
        for step in loader.dataset.pipeline:
            if step['type'] == 'Resize':
                step['scale'] = (32, 64)
            if step['type'] == 'RandomCrop':
                step['crop_size'] = (64, 32)
    cfg.train_cfg.update(
        max_epochs=epochs, val_interval=3, resume_point_minutes=0.2 / 60
    )
    cfg.optim_wrapper.update(dtype='float16', init_scale=1024.0)
    cfg.default_hooks.checkpoint.update(interval=2, max_keep_ckpts=1)
    cfg.custom_hooks.append(dict(type='EMAHook', momentum=0.1))
    cfg.work_dir = str(work_dir)
    return cfg


def train(cfg: Config) -> None:
    """Train or go on."""
    notes = use_checkpoint(cfg, 'auto')
    runner = build_runner(cfg)
    for note in notes:
        runner.logger.warning(note)
    runner.train()


def fork(work: Callable[[], None], log: Path) -> int:
    """Do some work in a process and a group of its own."""
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    status = 0
    try:
        work()
    except TrainingStoppedError as stopped:
        print(stopped)
        status = STOPPED_STATUS
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def interrupt(pid: int, number: int, folder: Path, rng: random.Random) -> int:
    """Signal a training and all its workers at a random moment; return its status.

    Most times after it has saved something, so that it comes to an end some day.
    """
    pointer = folder / 'last_checkpoint'
    before = pointer.stat().st_mtime_ns if pointer.exists() else 0
    patient = rng.random() < 0.8
    while patient and (done := os.waitpid(pid, os.WNOHANG)) == (0, 0):
        if pointer.exists() and pointer.stat().st_mtime_ns != before:
            break
        time.sleep(0.005)
    else:
        if patient:
            return os.waitstatus_to_exitcode(done[1])
    time.sleep(rng.uniform(0, 1))
    os.killpg(pid, number)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main(folder: Path, signals: list[str], seed: int, epochs: int) -> None:
    """Train once without and once with interruptions; print how each of them ended."""
    torch.set_num_threads(1)
    # yapf takes longer to lay out the config than the training takes.
    mmengine.config.config.FormatCode = lambda text, **_: (text, True)
    rng = random.Random(seed)
    make_market(folder / 'data', PERSONS, np.random.default_rng(seed))

    def start(name: str) -> int:
        cfg = make_config(folder / 'data', folder / name, epochs)
        return fork(lambda: train(cfg), folder / f'{name}.log')

    def wait(pid: int) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    whole = wait(start('whole'))
    ends = []
    for name in signals:
        number = signal.Signals[name]
        ends.append(interrupt(start('parts'), number, folder / 'parts', rng))
        print(name, ends[-1], file=sys.stderr, flush=True)
    print(json.dumps(dict(whole=whole, ends=ends, last=wait(start('parts')))))


if __name__ == '__main__':
    _, out, names, *numbers = sys.argv
    main(Path(out), names.split(','), *map(int, numbers))
