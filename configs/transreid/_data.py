# TransReID's pixels: Pillow's bicubic pictures in training and its bilinear ones in
# tests, of mean and standard deviation 127.5; what is erased shows noise.
_base_ = '../_base_/datasets/market.py'
from mmreid.engine import set_interpolation

set_interpolation(_base_, interpolation='bicubic', backend='pillow')
data_preprocessor = dict(mean=[127.5] * 3, std=[127.5] * 3)
_erase = dict(
    _base_._erase,
    max_area_ratio=1 / 3,
    aspect_range=(0.3, 1 / 0.3),
    mode='rand',
    fill_color=(127.5,) * 3,
    fill_std=(127.5,) * 3,
)
train_pipeline = [
    _base_._load,
    _base_._resize,
    _base_._flip,
    _base_._crop,
    _erase,
    _base_._pack,
]
test_pipeline = [
    _base_._load,
    dict(_base_._resize, interpolation='bilinear'),
    _base_._pack,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
