# CLIP-ReID without text on CLIP's ResNet: two maps, pooled, and the attention's vector.
_base_ = [
    '../_base_/models/reid_clip_r50.py',
    '../_base_/datasets/market.py',
    './_schedule_120e.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_interpolation

# Tested with torchvision's default, trained on bicubic pictures.
set_interpolation(_base_, interpolation='bilinear', backend='pillow')
_smooth_resize = dict(_base_._resize, interpolation='bicubic')
model = dict(
    head=dict(
        branches=dict(
            projected=dict(in_index=2, pool=dict(type='GlobalPool')),
            earlier=dict(
                in_index=1,
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
    fill_color=(103.53, 116.28, 123.675),
    fill_std=(57.375, 57.12, 58.395),
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
