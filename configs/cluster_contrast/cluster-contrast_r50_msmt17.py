_base_ = ['./_cluster-contrast_r50.py', '../_base_/datasets/msmt17.py']
_train = dict(split='train+val', **_base_._msmt17)
train_dataloader = dict(sampler=dict(num_batches=400), dataset=dict(dataset=_train))
val_dataloader = test_dataloader = dict(dataset=_base_._msmt17)
