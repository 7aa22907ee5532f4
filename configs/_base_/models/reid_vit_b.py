# The strong baseline's head at the class token of a ViT-B/16 of ImageNet-21k and -1k,
# whose weights want pixels of mean and standard deviation 127.5.
_base_ = './reid_r50.py'
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
    head=dict(branches=dict(whole=dict(in_index=1))),
)
