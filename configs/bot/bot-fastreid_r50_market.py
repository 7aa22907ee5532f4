# The strong baseline as fast-reid trains it, and for its weights.
_base_ = ['./bot_r50_market.py', '../_base_/schedules/fastreid_steps.py']
from mmreid.engine import set_interpolation

set_interpolation(_base_, interpolation='bicubic', backend='pillow')
model = dict(backbone=dict(stem_pool='ceil'), head=dict(neck_bias=False))
param_scheduler = _base_._fastreid_steps
