# The network of the authors' code, whose stem has no ReLU, for their weights.
_base_ = './agw_r50_market.py'
model = dict(backbone=dict(stem_relu=False))
