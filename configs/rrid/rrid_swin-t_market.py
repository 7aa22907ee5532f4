# The schedule is SOLIDER's.
_base_ = [
    './_rrid_swin-t.py',
    '../_base_/datasets/market.py',
    '../solider/_schedule_120e.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=384, width=128)
val_evaluator = dict(distance='euclidean')
test_evaluator = val_evaluator
