# AIR-Net's three vectors on a ViT-B/16: the greatest and the attended tokens, and the
# class token, the transformer's own expert, where the paper has another last stage.
_base_ = './_airnet_r50.py'
_trunk = (
    'https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-vitjx/'
    'jx_vit_base_p16_224-80ecf9dd.pth'
)
model = dict(
    backbone=dict(
        _delete_=True,
        type='VisionTransformer',
        arch='base',
        img_size=(256, 128),
        drop_path_rate=0.1,
        init_cfg=dict(type='Pretrained', checkpoint=_trunk),
    ),
    head=dict(branches=dict(interaction=dict(in_index=0))),
)
