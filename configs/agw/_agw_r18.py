# AGW on half a ResNet-18, which has two blocks in each stage.
_base_ = './_agw_r50.py'
model = dict(
    backbone=dict(
        depth=18,
        base_channels=32,
        stem_channels=32,
        init_cfg=None,
        plugins=_base_._r18_plugins,
    ),
)
