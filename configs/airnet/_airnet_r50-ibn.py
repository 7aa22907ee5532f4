# AIR-Net on IBN-ResNet-50-a, without global context.
_base_ = './_airnet_r50.py'
model = dict(
    backbone=dict(
        plugins=[],
        ibn='a',
        init_cfg=dict(
            checkpoint='https://github.com/XingangPan/IBN-Net/releases/download/v1.0/'
            'resnet50_ibn_a-d9d0bb7b.pth'
        ),
    )
)
