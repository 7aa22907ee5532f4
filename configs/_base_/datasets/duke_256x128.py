# DukeMTMC-reID in data/dukemtmc-reid, pictures of 256 x 128 (height x width).
_base_ = ['./market_256x128.py', './_duke.py']
train_dataloader = dict(dataset=_base_._duke)
val_dataloader = dict(dataset=_base_._duke)
test_dataloader = val_dataloader
