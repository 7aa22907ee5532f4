# Tested in both settings, persons in other clothes and in the same, with one picture of
# each person at a time as the gallery, as in the paper; with the whole gallery:
# --cfg-options test_evaluator.protocol=market
_base_ = ['./bot_r50_market.py', '../_base_/datasets/prcc.py']
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=384, width=192)
train_dataloader = val_dataloader = dict(dataset=_base_._prcc)
_loader = dict(
    batch_size=64,
    num_workers=4,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='default_collate'),
)
_tested = dict(pipeline=_base_.test_pipeline, **_base_._prcc)
test_dataloader = [
    dict(dataset=dict(split='test', **_tested), **_loader),
    dict(dataset=dict(split='test-same-clothes', **_tested), **_loader),
]
test_cfg = dict(type='MultiTestLoop')
val_evaluator = dict(protocol='single-shot')
test_evaluator = val_evaluator
