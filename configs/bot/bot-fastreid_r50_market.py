# The strong baseline as fast-reid trains it, and for its weights.
_base_ = './bot_r50_market.py'
from mmreid.engine import set_interpolation

set_interpolation(_base_, interpolation='bicubic', backend='pillow')
model = dict(backbone=dict(stem_pool='ceil'), head=dict(neck_bias=False))
# Adam; 2,000 iterations of linear warm-up, then two steps.
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=2000),
    dict(type='MultiStepLR', milestones=[40, 90], gamma=0.1, by_epoch=True, end=10**9),
]
