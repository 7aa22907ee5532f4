# SONA-Net on half a ResNet-18, from random weights. Dilated like the paper's, it would
# train for three times as long.
_base_ = './_sonanet_r50.py'
model = dict(
    backbone=dict(
        depth=18,
        base_channels=32,
        stem_channels=32,
        strides=(1, 2, 2, 1),
        dilations=(1, 1, 1, 1),
        init_cfg=None,
    ),
    head=dict(
        branches=dict(
            drop=dict(
                stage=[
                    dict(type='Bottleneck'),
                    # As large a part of the map as 5 x 8 of the paper's.
                    dict(type='DropBlock2d', drop_ratio=0.1, block_size=(0.1, 0.5)),
                ]
            )
        ),
    ),
)
