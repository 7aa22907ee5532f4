# The strong baseline's head on the map of a Swin-T of ImageNet-22k and -1k.
_base_ = './reid_r50.py'
_trunk = (
    'https://github.com/SwinTransformer/storage/releases/download/v1.0.8/'
    'swin_tiny_patch4_window7_224_22kto1k_finetune.pth'
)
model = dict(
    backbone=dict(
        _delete_=True,
        type='SwinTransformer',
        arch='tiny',
        drop_path_rate=0.1,
        init_cfg=dict(type='Pretrained', checkpoint=_trunk),
    ),
)
