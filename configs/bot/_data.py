# Pad by ten pixels and crop back, before the erasing.
_base_ = '../_base_/datasets/market.py'
train_pipeline = [
    _base_._load,
    _base_._resize,
    _base_._flip,
    _base_._crop,
    _base_._erase,
    _base_._pack,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
