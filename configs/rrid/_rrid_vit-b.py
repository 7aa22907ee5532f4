# RRID's relations on the tokens of a ViT-B/16: 384 x 128 makes 24 x 8 of them, which
# two, four and six stripes divide; the 16 rows of 256 x 128 are no six stripes.
_base_ = './_rrid_r50.py'
_trunk = (
    'https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-vitjx/'
    'jx_vit_base_p16_224-80ecf9dd.pth'
)
model = dict(
    backbone=dict(
        _delete_=True,
        type='VisionTransformer',
        arch='base',
        img_size=(384, 128),
        drop_path_rate=0.1,
        init_cfg=dict(type='Pretrained', checkpoint=_trunk),
    ),
)
