# AGW as fast-reid trains it, without centre loss, and for its weights.
_base_ = ['./agw_r50_market.py', '../_base_/schedules/fastreid_steps.py']
from mmreid.engine import set_interpolation

set_interpolation(_base_, interpolation='bicubic', backend='pillow')
model = dict(
    backbone=dict(stem_pool='ceil'),
    head=dict(metric_loss=dict(_delete_=True, type='WeightedRegularizedTripletLoss')),
)
param_scheduler = _base_._fastreid_steps
