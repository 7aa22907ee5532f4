_base_ = [
    './_airnet_r50-ibn.py',
    '../_base_/datasets/market.py',
    './_schedule_200e.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=384, width=192)
