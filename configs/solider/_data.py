# TransReID's pixels, 384 x 128.
_base_ = '../transreid/_data.py'
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=384, width=128)
