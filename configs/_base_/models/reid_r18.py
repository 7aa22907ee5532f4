# ResNet-18 of half the width: a network that a laptop trains from random weights.
_base_ = './reid_r50.py'
model = dict(
    backbone=dict(depth=18, base_channels=32, stem_channels=32, init_cfg=None),
)
