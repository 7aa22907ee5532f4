# Market-1501 in data/market1501, pictures of 384 x 128 (height x width).
_base_ = './market_256x128.py'

resize = dict(type='Resize', scale=(128, 384))
crop = dict(type='RandomCrop', crop_size=(384, 128), padding=10)
train_pipeline = [_base_.load, resize, _base_.flip, _base_.erase, _base_.pack]
test_pipeline = [_base_.load, resize, _base_.pack]

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
