"""A small training that tests of the engine share, with hooks for `custom_imports`."""

import os
import signal
from itertools import count
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.dist import get_rank
from mmengine.hooks import Hook

from mmreid.registry import HOOKS

ROOT = Path(__file__).resolve().parents[2]
PERSONS, EPOCHS = 8, 4
_NUMBERS = count()


@HOOKS.register_module()
class KeepLossHook(Hook):
    """Every process writes the losses that it has seen."""

    def after_train(self, runner):
        history = runner.message_hub.get_scalar('train/loss').data[0]
        folder = Path(runner.work_dir)
        torch.save(torch.tensor(history), folder / f'losses_{get_rank()}.pt')


@HOOKS.register_module()
class DieOnceHook(Hook):
    """Kills the second process after a step, the first time."""

    def __init__(self, step: int) -> None:
        self.step = step

    def after_train_iter(self, runner, *args, **kwargs):
        first = os.environ.get('TORCHELASTIC_RESTART_COUNT') == '0'
        if first and get_rank() == 1 and runner.iter + 1 == self.step:
            os.kill(os.getpid(), signal.SIGKILL)


@HOOKS.register_module()
class StopHook(Hook):
    """Stops the training after a step, as a signal does; -1: never."""

    def __init__(self, step: int) -> None:
        self.step = step

    def after_train_iter(self, runner, *args, **kwargs):
        if runner.iter + 1 == self.step:
            runner.train_loop.signals.received = 'a test'


def make_config(data_root: Path, work_dir: Path, processes: int) -> Config:
    """BoT on small pictures, without what depends on a process's own batch.

    That is augmentation, which is drawn for a batch, and batch normalisation, whose
    synchronised form torch has on GPUs only.
    """
    cfg = Config.fromfile(ROOT / 'configs/bot/bot_r18_synthmini.py')
    cfg.custom_imports = dict(imports=['shared_training'])
    norm = dict(type='GN', num_groups=2)
    cfg.model.backbone.update(base_channels=8, stem_channels=8, norm_cfg=norm)
    cfg.model.head.update(in_channels=64, num_classes=PERSONS, bn_neck=False)
    cfg.model.head.update(test='feat')
    cfg.model.head.metric_loss.gather = True
    cfg.train_dataloader.update(
        batch_size=16 // processes, num_workers=0, persistent_workers=False
    )
    cfg.train_dataloader.sampler = dict(
        type='IdentitySampler', num_ids=8 // processes, num_instances=2, repeat=4
    )
    resize = dict(type='Resize', scale=(32, 64))
    cfg.train_dataloader.dataset.update(
        data_root=str(data_root), check=False, pipeline=[cfg._load, resize, cfg._pack]
    )
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    cfg.train_cfg = dict(by_epoch=True, max_epochs=EPOCHS)
    cfg.optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.004, momentum=0.9))
    cfg.param_scheduler = []
    cfg.default_hooks.checkpoint.update(interval=1, save_best=None)
    cfg.default_hooks.logger.interval = 1
    cfg.custom_hooks.append(dict(type='KeepLossHook'))
    cfg.work_dir = str(work_dir)
    return cfg


def make_own_config(data_root: Path, work_dir: Path) -> Config:
    """The same with batch normalisation and no hooks, for this process."""
    cfg = make_config(data_root, work_dir, 1)
    cfg.custom_imports = None
    # mmengine would give a runner of the same name and second the log of the first.
    cfg.experiment_name = f'{work_dir.name}-{next(_NUMBERS)}'
    cfg.model.backbone.norm_cfg = dict(type='BN')
    cfg.custom_hooks = []
    return cfg


def embed_each(model: Any, dataset: Any) -> torch.Tensor:
    """Embed the pictures of a data set one by one, ``(N, D)``."""
    model.eval()
    vectors = []
    for sample in (dataset[index] for index in range(len(dataset))):
        batch = dict(
            inputs=sample['inputs'][None], data_samples=[sample['data_samples']]
        )
        with torch.no_grad():
            vectors.append(model.val_step(batch)[0].embedding)
    return torch.stack(vectors)


def assert_same_ends(folder: Path, *entries: str) -> None:
    """Compare what two trainings saved of the second epoch, bit by bit."""
    whole, parts = (
        torch.load(folder / name / 'epoch_2.pth', weights_only=True)
        for name in ('whole', 'parts')
    )
    for entry in entries:
        torch.testing.assert_close(parts[entry], whole[entry], rtol=0, atol=0)
