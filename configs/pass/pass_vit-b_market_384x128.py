_base_ = './pass_vit-b_market.py'
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=384, width=128)
model = dict(backbone=dict(img_size=(384, 128)))
