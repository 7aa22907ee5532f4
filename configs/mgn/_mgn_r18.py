# MGN on half a ResNet-18, from the second of layer3's two blocks on.
_base_ = './_mgn_r50.py'
model = dict(
    backbone=dict(depth=18, base_channels=32, stem_channels=32, init_cfg=None),
    head=dict(channels=64),
)
