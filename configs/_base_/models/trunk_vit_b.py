# A ViT-B/16 of ImageNet-21k and -1k, which a head in another file is put on.
_vit_b = dict(
    type='VisionTransformer',
    arch='base',
    img_size=(256, 128),
    drop_path_rate=0.1,
    init_cfg=dict(
        type='Pretrained',
        checkpoint='https://github.com/rwightman/pytorch-image-models/releases/download/'
        'v0.1-vitjx/jx_vit_base_p16_224-80ecf9dd.pth',
    ),
)
