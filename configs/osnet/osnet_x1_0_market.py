_base_ = [
    '../_base_/models/reid_osnet.py',
    '../_base_/datasets/market.py',
    './_schedule.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_interpolation

set_interpolation(_base_, interpolation='bilinear', backend='pillow')
# Identities alone: pictures in any order, mirrored and nothing else.
train_dataloader = dict(
    batch_size=64,
    drop_last=True,
    sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
    dataset=dict(pipeline=[_base_._load, _base_._resize, _base_._flip, _base_._pack]),
)
# The first ten epochs, of 202 batches here, train the classifier alone.
_freeze = dict(
    type='FreezeHook', iters=2020, modules=('backbone', 'head.branches.whole.reduction')
)
custom_hooks = [_freeze]
find_unused_parameters = True
val_evaluator = test_evaluator = dict(distance='euclidean')
