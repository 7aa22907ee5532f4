# VeRi-776, vehicles, in data/veri776, pictures of 256 x 256 (height x width).
_base_ = './market_256x128.py'

resize = dict(type='Resize', scale=(256, 256))
crop = dict(_base_.crop, crop_size=(256, 256))
train_pipeline = [_base_.load, resize, _base_.flip, _base_.erase, _base_.pack]
test_pipeline = [_base_.load, resize, _base_.pack]

veri776 = dict(type='VeRi776', data_root='data/veri776')
train_dataloader = dict(dataset=dict(pipeline=train_pipeline, **veri776))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline, **veri776))
test_dataloader = val_dataloader
