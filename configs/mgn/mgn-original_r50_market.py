_base_ = [
    './_mgn-original_r50.py',
    '../_base_/datasets/market.py',
    './_schedule_80e.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=384, width=128)
# Mirrored and nothing else.
train_pipeline = [_base_._load, _base_._resize, _base_._flip, _base_._pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
