# IANet on half a ResNet-18, from random weights.
_base_ = './_ianet_r50.py'
model = dict(
    backbone=dict(
        depth=18,
        base_channels=32,
        stem_channels=32,
        init_cfg=None,
        # As wide a part of a 192 x 96 picture's maps as the paper's of 256 x 128.
        plugins=[
            dict(cfg=dict(type='IABlock', sigma=(7.5, 15)), stages=(1,)),
            dict(cfg=dict(type='IABlock', sigma=(3.75, 7.5)), stages=(2,)),
        ],
    ),
)
