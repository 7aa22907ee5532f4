# The network of the authors' code, whose stem has no ReLU, for their weights.
_base_ = './bot_r50_market.py'
from mmreid.engine import set_interpolation

set_interpolation(_base_, interpolation='bilinear', backend='pillow')
model = dict(backbone=dict(stem_relu=False), head=dict(neck_bias=False))
