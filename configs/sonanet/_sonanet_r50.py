# SONA-Net: second-order attention in a dilated trunk, and a branch that drops blocks.
_base_ = '../_base_/models/reid_r50.py'
model = dict(
    backbone=dict(
        # Stages 3 and 4 keep the size of stage 2, 48 x 16.
        strides=(1, 2, 1, 1),
        dilations=(1, 1, 2, 4),
        plugins=[dict(cfg=dict(type='SONA'), stages=(1, 2))],
    ),
    head=dict(
        bn_neck=False,
        test='feat',
        metric_loss=dict(margin='soft'),
        branches=dict(
            whole=dict(channels=512),
            drop=dict(
                stage=[
                    dict(type='Bottleneck'),
                    dict(type='DropBlock2d', drop_ratio=0.1, block_size=(5, 8)),
                ],
                pool=dict(type='GlobalPool', mode='max'),
                channels=1024,
            ),
        ),
    ),
    flip_test=True,
)
