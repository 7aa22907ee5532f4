# Vehicles: as wide as high.
_base_ = ['./sbs_r50_market.py', '../_base_/datasets/veri776.py']
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=256, width=256)
train_dataloader = val_dataloader = test_dataloader = dict(dataset=_base_._veri776)
