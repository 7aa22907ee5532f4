"""How fast a config trains, and what the framework around the network costs."""

import statistics
import tempfile
from typing import Any

import torch
from mmengine.config import Config
from mmengine.runner import Runner
from mmpretrain.structures import DataSample
from torch.utils.data import Dataset

from mmreid.apis.cost.speed_loop import Block, TrainingSpeed
from mmreid.apis.test_pipeline import input_size
from mmreid.engine import build_runner, fill_num_classes
from mmreid.registry import DATASETS


@DATASETS.register_module()
class RandomPictures(Dataset):
    """Noise in the form that a training pipeline gives pictures.

    Args:
        size (tuple[int, int]): Height and width.
        num_ids (int): Number of identities.
        num_instances (int): Pictures of each. Defaults to 8.
    """

    def __init__(
        self, size: tuple[int, int], num_ids: int, num_instances: int = 8
    ) -> None:
        self.size = tuple(size)
        self.num_ids = num_ids
        self.num_instances = num_instances
        self.metainfo = dict(dataset='random pictures', num_ids=num_ids)

    def __len__(self) -> int:
        return self.num_ids * self.num_instances

    def get_data_info(self, index: int) -> dict:
        """Tell a picture's label, as samplers ask for it."""
        return dict(gt_label=index // self.num_instances)

    def __getitem__(self, index: int) -> dict:
        """Draw a picture ``(3, H, W)``, uint8, always the same one."""
        if not 0 <= index < len(self):
            raise IndexError(f'index must lie in [0, {len(self)}), got {index}.')
        generator = torch.Generator().manual_seed(index)
        inputs = torch.randint(
            256, (3, *self.size), dtype=torch.uint8, generator=generator
        )
        sample = DataSample().set_gt_label(self.get_data_info(index)['gt_label'])
        return dict(inputs=inputs, data_samples=sample)


def measure_training(
    cfg: Config,
    steps: int = 10,
    repeat: int = 10,
    synthetic: bool = False,
    verbose: bool = False,
) -> TrainingSpeed:
    """Train a config for a while, on random weights, and time it.

    Args:
        cfg (Config): A training by epochs, changed in place. Nothing of it is kept.
        steps (int): Steps of a block. Defaults to 10.
        repeat (int): Blocks of each kind, after one to warm up. Defaults to 10.
        synthetic (bool): Train on noise of the config's size instead of its data.
            Defaults to False.
        verbose (bool): Show the whole log. Defaults to False.

    Returns:
        TrainingSpeed: What was found.

    Raises:
        ValueError: The config does not train by epochs, or nothing tells how many
            identities there are.
    """
    if not cfg.get('train_cfg') or not cfg.train_cfg.get('by_epoch'):
        raise ValueError('only a train_cfg with by_epoch=True can be measured.')
    if synthetic:
        num_ids = fill_num_classes(cfg, read_data=True)
        if num_ids is None:
            raise ValueError(
                'model.head.num_classes must be set to train on noise: the config does '
                'not say it, and its training data is not here.'
            )
        cfg.train_dataloader.dataset = dict(
            type='RandomPictures',
            size=input_size(cfg),
            num_ids=num_ids,
        )
    cfg.model.backbone.init_cfg = None
    loop = dict(type='SpeedLoop', steps=steps, repeat=repeat)
    cfg.train_cfg = dict(loop, max_epochs=cfg.train_cfg.max_epochs)
    for loop_name in ('val', 'test'):
        for part in ('cfg', 'dataloader', 'evaluator'):
            cfg[f'{loop_name}_{part}'] = None
    cfg.load_from, cfg.resume = None, False
    with tempfile.TemporaryDirectory() as folder:
        cfg.work_dir = folder
        runner = build_runner(cfg, verbose)
        runner.train()
    return _measured(runner)


def _measured(runner: Runner) -> TrainingSpeed:
    loop: Any = runner.train_loop
    return loop.measured


def describe_speed(speed: TrainingSpeed) -> str:
    """Lay the medians out in four lines.

    Args:
        speed (TrainingSpeed): What was measured.

    Returns:
        str: Pictures and seconds a step, the share of waiting, the overhead with its
        quartiles.
    """
    lines = []
    kinds = dict(loading='training', kept='from memory', bare='bare loop')
    for kind, title in kinds.items():
        blocks: list[Block] = getattr(speed, kind)
        seconds = statistics.median(block.seconds for block in blocks)
        line = (
            f'{title:12}{speed.images / seconds:10.1f} images/s'
            f'{1000 * seconds / speed.steps:10.1f} ms a step'
        )
        if kind == 'loading':
            shares = (block.waiting / block.seconds for block in blocks)
            line += f', {statistics.median(shares):.1%} of it waiting for data'
        lines.append(line)
    overheads = sorted(speed.overheads)
    low, high = (overheads[round(q * (len(overheads) - 1))] for q in (0.25, 0.75))
    extra = statistics.median(
        (kept.work - bare.work) / speed.steps
        for kept, bare in zip(speed.kept, speed.bare, strict=True)
    )
    lines.append(
        f'overhead of the framework: {statistics.median(overheads):.1%} of the bare '
        f'loop ({low:.1%} to {high:.1%}), {1000 * extra:.1f} ms a step'
    )
    return '\n'.join(lines)
