_base_ = [
    './_agw_r50.py',
    '../bot/_data.py',
    '../_base_/schedules/adam_120e.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_interpolation

set_interpolation(_base_, interpolation='bilinear', backend='pillow')
