_base_ = [
    './_pcb_r50.py',
    '../_base_/datasets/market.py',
    '../_base_/schedules/sgd_60e.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=384, width=128)
# Cross-entropy alone: pictures in any order, mirrored and nothing else.
train_dataloader = dict(
    sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
    dataset=dict(pipeline=[_base_._load, _base_._resize, _base_._flip, _base_._pack]),
)
