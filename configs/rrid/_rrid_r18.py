# RRID on half a ResNet-18, from random weights.
_base_ = './_rrid_r50.py'
model = dict(
    backbone=dict(depth=18, base_channels=32, stem_channels=32, init_cfg=None),
)
