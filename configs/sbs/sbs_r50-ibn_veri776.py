_base_ = './sbs_r50_veri776.py'
model = dict(
    backbone=dict(
        ibn='a',
        init_cfg=dict(
            checkpoint='https://github.com/XingangPan/IBN-Net/releases/download/v1.0/'
            'resnet50_ibn_a-d9d0bb7b.pth'
        ),
    )
)
