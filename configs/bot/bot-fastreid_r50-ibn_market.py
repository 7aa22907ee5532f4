_base_ = './bot-fastreid_r50_market.py'
model = dict(
    backbone=dict(
        ibn='a',
        init_cfg=dict(
            checkpoint='https://github.com/XingangPan/IBN-Net/releases/download/v1.0/'
            'resnet50_ibn_a-d9d0bb7b.pth'
        ),
    )
)
