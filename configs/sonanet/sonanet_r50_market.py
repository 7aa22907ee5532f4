_base_ = [
    './_sonanet_r50.py',
    '../_base_/datasets/market.py',
    './_schedule_400e.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=384, width=128)
# Cutout: a square of 64 x 64, a twelfth of the picture, in place of the erasing.
_cutout = dict(
    _base_._erase, min_area_ratio=1 / 12, max_area_ratio=1 / 12, aspect_range=(1.0, 1.0)
)
_pipeline = [_base_._load, _base_._resize, _base_._flip, _cutout, _base_._pack]
train_dataloader = dict(
    batch_size=128,
    sampler=dict(num_ids=32, num_instances=4, epoch='identities'),
    dataset=dict(pipeline=_pipeline),
)
val_evaluator = dict(distance='euclidean')
test_evaluator = val_evaluator
