# Occluded-Duke in data/occluded_duke, pictures of 256 x 128 (height x width).
_base_ = './market_256x128.py'
_occluded_duke = dict(type='OccludedDuke', data_root='data/occluded_duke')
train_dataloader = dict(dataset=_occluded_duke)
val_dataloader = dict(dataset=_occluded_duke)
test_dataloader = val_dataloader
