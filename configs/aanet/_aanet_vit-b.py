# AANet's stripes and alignment on the tokens of a ViT-B/16; its attention sits beside
# residual blocks, which a transformer has not. 384 x 192 makes 24 x 12 tokens, four
# rows for each of the six stripes; the 16 rows of 256 x 128 are no six stripes.
_base_ = './_aanet_r50.py'
_trunk = (
    'https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-vitjx/'
    'jx_vit_base_p16_224-80ecf9dd.pth'
)
model = dict(
    backbone=dict(
        _delete_=True,
        type='VisionTransformer',
        arch='base',
        img_size=(384, 192),
        drop_path_rate=0.1,
        init_cfg=dict(type='Pretrained', checkpoint=_trunk),
    ),
)
