# Market-1501 in data/market1501, pictures of 384 x 192 (height x width).
_base_ = './market_256x128.py'

_resize = dict(type='Resize', scale=(192, 384))
_crop = dict(type='RandomCrop', crop_size=(384, 192), padding=10)
train_pipeline = [_base_._load, _resize, _base_._flip, _base_._erase, _base_._pack]
test_pipeline = [_base_._load, _resize, _base_._pack]

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
