_base_ = ['./solider_swin-t_market.py', '../_base_/datasets/msmt17.py']
train_dataloader = dict(dataset=dict(split='train+val', **_base_._msmt17))
val_dataloader = test_dataloader = dict(dataset=_base_._msmt17)
