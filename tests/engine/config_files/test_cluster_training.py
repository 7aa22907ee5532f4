"""What of a supervised config is left where nobody knows persons."""

import copy
from pathlib import Path

import pytest
from mmengine.config import Config

from mmreid.engine import cluster_training

ROOT = Path(__file__).resolve().parents[3]
TRIPLET = dict(type='BatchHardTripletLoss', margin=0.3)
CENTRE = dict(type='CenterLoss')
BRANCHES = dict(
    compared=dict(pool=dict(type='GlobalPool'), metric_loss=[TRIPLET, CENTRE]),
    pooled=dict(pool=dict(type='GlobalPool'), channels=64, test='pooled'),
    early=dict(pool=dict(type='GlobalPool'), test='feat', metric_loss=None),
    helper=dict(
        pool=dict(type='GlobalPool'), test=None, alignment_loss=dict(type='Any')
    ),
    gone=None,
)


def make_config() -> Config:
    head = dict(
        bn_neck=True,
        test='bn_feat',
        id_loss=dict(type='mmpretrain.CrossEntropyLoss'),
        metric_loss=TRIPLET,
        num_classes=751,
        branches=BRANCHES,
    )
    return Config(
        dict(
            model=dict(head=head),
            train_dataloader=dict(dataset=dict(type='Market1501', data_root='here')),
            custom_hooks=[dict(type='FreezeHook', iters=9), dict(type='EMAHook')],
        )
    )


def test_branches_end_where_they_are_compared():
    config = make_config()
    cluster_training(config)
    head = config.model.head
    assert head.normalize == 'whole'
    assert head.num_classes is None
    assert not head.keys() & {'id_loss', 'metric_loss'}
    pool = dict(type='GlobalPool')
    assert head.branches == dict(
        compared=dict(pool=pool, neck_bias=False),
        pooled=dict(
            pool=pool,
            channels=None,
            reduction='unit',
            test='pooled',
            bn_neck=False,
            neck_bias=True,
        ),
        early=dict(pool=pool, test='feat', bn_neck=False, neck_bias=True),
        helper=None,
        gone=None,
    )


def test_metric_losses_keep_what_they_train():
    config = make_config()
    cluster_training(config, keep_metric_losses=True)
    branches = config.model.head.branches
    assert branches.compared.metric_loss == [TRIPLET]  # centres are of persons
    assert branches.pooled.channels == 64
    assert branches.helper.keys() == {'pool', 'test', 'bn_neck', 'neck_bias'}


def test_data_hooks_and_schedule():
    config = make_config()
    options = dict(num_ids=3, num_instances=5, num_batches=7, epochs=11, step=4)
    cluster_training(config, **options, eps=0.4, memory=dict(momentum=0.5))
    loader = config.train_dataloader
    assert loader.dataset.dataset == dict(type='Market1501', data_root='here')
    assert loader.batch_size == 15
    assert loader.sampler.num_batches == 7
    hooks = [dict(type='EMAHook'), dict(type='ClusterHook', eps=0.4)]
    assert config.custom_hooks == hooks
    assert config.model.head.embedding_loss.momentum == 0.5
    assert config.train_cfg.max_epochs == 11
    assert config.param_scheduler[0].step_size == 4
    again = copy.deepcopy(config)
    cluster_training(again, **options, eps=0.4, memory=dict(momentum=0.5))
    assert again.to_dict() == config.to_dict()


def test_a_config_without_training_or_branches():
    histogram = ROOT / 'configs/color_histogram/color_histogram_synthmini.py'
    for config in (Config.fromfile(histogram), Config(dict(model=dict(head={})))):
        with pytest.raises(ValueError, match='cluster_training needs a config with'):
            cluster_training(config)
