# Vehicles: as wide as high.
_base_ = ['./_cluster-contrast_r50.py', '../_base_/datasets/veri776.py']
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=224, width=224)
_train = dict(dataset=_base_._veri776)
train_dataloader = dict(sampler=dict(num_batches=400), dataset=_train)
val_dataloader = test_dataloader = dict(dataset=_base_._veri776)
