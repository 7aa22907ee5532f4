_base_ = [
    './_agw_r50.py',
    '../_base_/datasets/market.py',
    '../_base_/schedules/adam_120e.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_interpolation

set_interpolation(_base_, interpolation='bilinear', backend='pillow')
# Pad by ten pixels and crop back, before the erasing.
train_pipeline = [
    _base_._load,
    _base_._resize,
    _base_._flip,
    _base_._crop,
    _base_._erase,
    _base_._pack,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
