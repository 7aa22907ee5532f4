# A Swin-T of ImageNet-22k and -1k, which a head in another file is put on.
_swin_t = dict(
    type='SwinTransformer',
    arch='tiny',
    drop_path_rate=0.1,
    init_cfg=dict(
        type='Pretrained',
        checkpoint='https://github.com/SwinTransformer/storage/releases/download/v1.0.8/'
        'swin_tiny_patch4_window7_224_22kto1k_finetune.pth',
    ),
)
