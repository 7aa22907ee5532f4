_base_ = ['./_clip-reid_r50.py', '../_base_/datasets/msmt17.py']
train_dataloader = dict(dataset=dict(split='train+val', **_base_._msmt17))
val_dataloader = test_dataloader = dict(dataset=_base_._msmt17)
