_base_ = './ianet_r50_market.py'
model = dict(
    backbone=dict(
        _delete_=True,
        type='PluginGoogLeNet',
        last_stride=1,
        plugins=_base_._plugins,
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://googlenet'),
    ),
)
