# VeRi-776, vehicles, in data/veri776, pictures of 256 x 256 (height x width).
_base_ = './market_256x128.py'

_resize = dict(type='Resize', scale=(256, 256))
_crop = dict(_base_._crop, crop_size=(256, 256))
train_pipeline = [_base_._load, _resize, _base_._flip, _base_._erase, _base_._pack]
test_pipeline = [_base_._load, _resize, _base_._pack]

_veri776 = dict(type='VeRi776', data_root='data/veri776')
train_dataloader = dict(dataset=dict(pipeline=train_pipeline, **_veri776))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline, **_veri776))
test_dataloader = val_dataloader
