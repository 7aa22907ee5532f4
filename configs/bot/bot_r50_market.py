_base_ = [
    '../_base_/models/reid_r50.py',
    '../_base_/datasets/market_256x128.py',
    '../_base_/schedules/adam_120e.py',
    '../_base_/default_runtime.py',
]
# Pad by ten pixels and crop back, before the erasing.
train_pipeline = [
    _base_.load,
    _base_.resize,
    _base_.flip,
    _base_.crop,
    _base_.erase,
    _base_.pack,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
