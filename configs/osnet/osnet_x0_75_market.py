_base_ = './osnet_x1_0_market.py'
_imagenet = 'https://drive.google.com/uc?id=1uwA9fElHOk3ZogwbeY5GkLI6QPTX70Hq'
model = dict(backbone=dict(width=0.75, init_cfg=dict(checkpoint=_imagenet)))
