_base_ = './agw-fastreid_r50_market.py'
model = dict(
    backbone=dict(
        depth=101,
        ibn='a',
        init_cfg=dict(
            checkpoint='https://github.com/XingangPan/IBN-Net/releases/download/v1.0/'
            'resnet101_ibn_a-59ea0ac6.pth'
        ),
        plugins=[
            dict(cfg=_base_._non_local, stages=(1,), blocks=(2, 3)),
            dict(cfg=_base_._non_local, stages=(2,), blocks=tuple(range(14, 23))),
        ],
    )
)
