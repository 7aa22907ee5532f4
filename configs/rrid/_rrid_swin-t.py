# RRID's relations on the map of a Swin-T: 384 x 128 makes 12 x 4 tokens, which two,
# four and six stripes divide; the 8 rows of 256 x 128 are no six stripes.
_base_ = './_rrid_r50.py'
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
