_base_ = ['./_cluster-contrast_vit-s-ics.py', '../_base_/datasets/msmt17.py']
_hook = dict(_base_.custom_hooks[-1], eps=0.7)
custom_hooks = [_hook]
_train = dict(split='train+val', **_base_._msmt17)
train_dataloader = dict(dataset=dict(dataset=_train))
val_dataloader = test_dataloader = dict(dataset=_base_._msmt17)
