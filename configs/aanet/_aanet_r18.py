# AANet on half a ResNet-18, from random weights. It has two blocks a stage, so that the
# last six are those of stages 1 to 3.
_base_ = './_aanet_r50.py'
_ofa = dict(type='OFA', reduction=8)
model = dict(
    backbone=dict(
        depth=18,
        base_channels=32,
        stem_channels=32,
        init_cfg=None,
        plugins=[dict(cfg=_ofa, stages=(1, 2, 3), blocks='all', position='parallel')],
    ),
    head=dict(
        branches=dict(
            # In a trunk that has not learned yet the full constraint on the intra-class
            # distance (1.0) costs accuracy (docs/evidence.md).
            whole=dict(metric_loss=dict(intra_weight=0.1))
        ),
    ),
)
