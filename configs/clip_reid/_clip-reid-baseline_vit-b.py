# CLIP-ReID without text: three vectors of CLIP's image tower, two of them classified.
_base_ = [
    '../_base_/models/reid_clip_vit_b.py',
    '../_base_/datasets/market.py',
    './_schedule_60e.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_interpolation

# Tested with torchvision's default, trained on bicubic pictures.
set_interpolation(_base_, interpolation='bilinear', backend='pillow')
_smooth_resize = dict(_base_._resize, interpolation='bicubic')
data_preprocessor = dict(mean=[127.5, 127.5, 127.5], std=[127.5, 127.5, 127.5])
# The class token, its projection, and the class token of the last layer but one.
model = dict(
    head=dict(
        branches=dict(
            projected=dict(in_index=3, pool=dict(type='GlobalPool')),
            earlier=dict(
                in_index=2,
                pool=dict(type='GlobalPool'),
                bn_neck=False,
                neck_bias=True,  # it has no neck
                id_loss=None,
                test=None,
            ),
        )
    )
)
_erase = dict(
    type='RandomErasing',
    erase_prob=0.5,
    min_area_ratio=0.02,
    max_area_ratio=1 / 3,
    aspect_range=(0.3, 1 / 0.3),
    mode='rand',  # every pixel by itself
    fill_color=(127.5, 127.5, 127.5),
    fill_std=(127.5, 127.5, 127.5),
)
train_pipeline = [
    _base_._load,
    _smooth_resize,
    _base_._flip,
    _base_._crop,
    _erase,
    _base_._pack,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
