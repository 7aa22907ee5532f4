# MSMT17 in data/msmt17, pictures of 384 x 128 (height x width).
_base_ = ['./market_384x128.py', './_msmt17.py']
train_dataloader = dict(dataset=_base_._msmt17)
val_dataloader = dict(dataset=_base_._msmt17)
test_dataloader = val_dataloader
