# fast-reid's recipe, which is that of its SBS.
_base_ = [
    './_mgn_r50.py',
    '../_base_/datasets/market.py',
    '../_base_/schedules/fastreid_60e.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_interpolation, set_picture_size

set_picture_size(_base_, height=384, width=128)
set_interpolation(_base_, interpolation='bicubic', backend='pillow')
model = dict(backbone=dict(stem_pool='ceil'))
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
# The pretrained trunk waits for its head.
custom_hooks = [dict(type='FreezeHook', iters=1000)]
find_unused_parameters = True  # on several GPUs, meanwhile
