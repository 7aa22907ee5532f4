"""The plain loop does the framework's work, and blocks are told as they are."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from mmreid.apis.cost.bare_loop import BareLoop
from mmreid.apis.cost.speed_loop import Block, SpeedLoop, TrainingSpeed
from mmreid.apis.cost.training_speed import (
    RandomPictures,
    describe_speed,
    measure_training,
)
from mmreid.engine import build_runner
from mmreid.registry import LOOPS

CONFIGS = Path(__file__).resolve().parents[3] / 'configs'
SMALL = {
    'model.backbone.base_channels': 8,
    'model.backbone.stem_channels': 8,
    'model.head.in_channels': 64,
    'train_dataloader.batch_size': 8,
    'train_dataloader.num_workers': 0,
    'train_dataloader.persistent_workers': False,
    'train_dataloader.sampler.num_ids': 4,
    'train_dataloader.sampler.num_instances': 2,
}
PRECISE = dict(type='Adam', lr=0.01, fused=True)


def small(method: str, experiment: str, **changes) -> Config:
    cfg = Config.fromfile(CONFIGS / method / f'{method}_r18_synthmini.py')
    cfg.merge_from_dict(SMALL)
    cfg.merge_from_dict(changes)
    cfg.experiment_name = experiment
    return cfg


@LOOPS.register_module()
class SideBySideLoop(SpeedLoop):
    """Makes the same steps both ways, and keeps the plain loop."""

    def run(self):
        self.runner.call_hook('before_train')
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        self.bare = BareLoop(self.runner)
        stream = self._stream()
        for _ in range(self.steps):
            batch = next(stream)
            labels = torch.cat([s.gt_label for s in batch['data_samples']])
            self._train(batch)
            self.bare.step(dict(batch, labels=labels))
        self.runner.call_hook('after_train')
        return self.runner.model


@pytest.mark.parametrize(
    ('method', 'head', 'optim_wrapper'),
    [
        ('bot', {}, dict(type='OptimWrapper', optimizer=PRECISE)),
        (
            'bot',
            dict(embedding_loss=dict(type='ClusterMemoryLoss')),
            dict(type='OptimWrapper', optimizer=PRECISE),
        ),
        (
            'rrid',
            {},
            dict(
                type='AutocastOptimWrapper',
                dtype='float16',
                clip_grad=dict(max_norm=1.0),
                accumulative_counts=2,
                optimizer=dict(type='SGD', lr=0.1),
                constructor='PrefixOptimWrapperConstructor',
                paramwise_cfg=dict(prefixes=dict(backbone=dict(lr_mult=0.1))),
            ),
        ),
    ],
)
def test_the_plain_loop_trains_as_the_framework_does(
    tmp_path, method, head, optim_wrapper
):
    cfg = small(method, f'side_{method}{len(head)}', work_dir=str(tmp_path))
    cfg.model.head.update(head)
    cfg.optim_wrapper = optim_wrapper
    cfg.train_cfg = dict(type='SideBySideLoop', steps=4, max_epochs=1)
    cfg.train_dataloader.dataset = dict(
        type='RandomPictures', size=(192, 32), num_ids=100
    )
    cfg.param_scheduler = None
    for loop in ('val', 'test'):
        for part in ('cfg', 'dataloader', 'evaluator'):
            cfg[f'{loop}_{part}'] = None
    runner = build_runner(cfg)
    runner.train()
    bare = runner.train_loop.bare.model.state_dict()
    start = runner.model.state_dict()
    for name, value in start.items():
        assert torch.equal(bare[name], value), name


def test_a_config_is_measured(tmp_path):
    cfg = small('bot', 'measured')
    cfg.test_dataloader.dataset.pipeline[1].scale = (16, 32)
    cfg.optim_wrapper.type = 'OptimWrapper'
    del cfg.optim_wrapper['dtype']
    speed = measure_training(cfg, steps=2, repeat=3, synthetic=True)
    assert speed.images == 16
    assert [len(blocks) for blocks in speed[2:]] == [3, 3, 3]
    assert len(speed.overheads) == 3
    for block in speed.loading:
        assert 0 < block.waiting < block.seconds
    assert not Path(cfg.work_dir).exists()
    with pytest.raises(ValueError, match='by_epoch=True'):
        measure_training(Config(dict(train_cfg=dict(max_iters=3))))


def test_medians_are_told():
    loading = [Block(2.0, 0.5, 1.0), Block(4.0, 2.0, 1.0), Block(20.0, 0.2, 1.0)]
    kept = [Block(1.0, 0, 1.02), Block(1.0, 0, 1.04), Block(9.0, 0, 2.06)]
    bare = [Block(1.0, 0, 1.0), Block(1.0, 0, 1.0), Block(9.0, 0, 2.0)]
    lines = describe_speed(TrainingSpeed(80, 10, loading, kept, bare)).splitlines()
    told = 'training 20.0 images/s 400.0 ms a step, 25.0% of it waiting for data'
    assert ' '.join(lines[0].split()) == told
    assert '80.0 images/s' in lines[1]
    assert lines[3] == (
        'overhead of the framework: 3.0% of the bare loop (2.0% to 4.0%), 4.0 ms a step'
    )


def test_random_pictures_are_those_of_identities():
    pictures = RandomPictures((6, 4), num_ids=3, num_instances=2)
    assert len(pictures) == 6
    assert [pictures.get_data_info(i)['gt_label'] for i in range(6)] == [
        0,
        0,
        1,
        1,
        2,
        2,
    ]
    first, again = pictures[5], pictures[5]
    assert first['inputs'].shape == (3, 6, 4)
    assert torch.equal(first['inputs'], again['inputs'])
    assert not torch.equal(first['inputs'], pictures[4]['inputs'])
    assert first['data_samples'].gt_label == 2
    with pytest.raises(IndexError, match='6'):
        pictures[6]


def test_blocks_have_steps():
    with pytest.raises(ValueError, match='steps and repeat'):
        SpeedLoop(None, None, 1, steps=0)
