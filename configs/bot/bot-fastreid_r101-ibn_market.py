_base_ = './bot-fastreid_r50_market.py'
model = dict(
    backbone=dict(
        depth=101,
        ibn='a',
        init_cfg=dict(
            checkpoint='https://github.com/XingangPan/IBN-Net/releases/download/v1.0/'
            'resnet101_ibn_a-59ea0ac6.pth'
        ),
    )
)
