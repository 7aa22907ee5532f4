_base_ = [
    './_rrid_r50.py',
    '../_base_/datasets/market.py',
    './_schedule_80e.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=384, width=128)
_erase = dict(_base_._erase, max_area_ratio=0.2)
train_dataloader = dict(
    # An epoch visits every picture four times, as the authors' sampler does.
    sampler=dict(repeat=4),
    dataset=dict(
        pipeline=[_base_._load, _base_._resize, _base_._flip, _erase, _base_._pack]
    ),
)
val_evaluator = dict(distance='euclidean')
test_evaluator = val_evaluator
