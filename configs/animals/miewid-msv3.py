_base_ = [
    './_miewid.py',
    './_data.py',
    './_schedule_100e.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=440, width=440)
# Of ImageNet.
data_preprocessor = dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])
