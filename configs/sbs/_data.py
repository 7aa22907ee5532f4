# fast-reid's pixels and batches, for its SBS and its MGN.
_base_ = '../_base_/datasets/market.py'
from mmreid.engine import set_interpolation, set_picture_size

set_picture_size(_base_, height=384, width=128)
set_interpolation(_base_, interpolation='bicubic', backend='pillow')
# One picture of ten gets one of ImageNet's automatic augmentations.
_augment = dict(
    type='RandomApply',
    transforms=[dict(type='AutoAugment', policies='imagenet', _scope_='mmpretrain')],
    prob=0.1,
)
train_pipeline = [
    _base_._load,
    _augment,
    _base_._resize,
    _base_._flip,
    _base_._crop,
    _base_._erase,
    _base_._pack,
]
train_dataloader = dict(
    sampler=dict(num_ids=4, num_instances=16), dataset=dict(pipeline=train_pipeline)
)
