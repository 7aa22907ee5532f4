# CUHK03's new protocol, drawn boxes, pictures of 384 x 128 (height x width).
_base_ = ['./market_384x128.py', './_cuhk03_labeled.py']
train_dataloader = dict(dataset=_base_._cuhk03)
val_dataloader = dict(dataset=_base_._cuhk03)
test_dataloader = val_dataloader
