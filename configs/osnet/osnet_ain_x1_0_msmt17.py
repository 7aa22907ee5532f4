_base_ = ['./osnet_ain_x1_0_market.py', '../_base_/datasets/msmt17.py']
train_dataloader = val_dataloader = test_dataloader = dict(dataset=_base_._msmt17)
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=50, by_epoch=True, begin=0, end=50)
]
train_cfg = dict(max_epochs=50)
custom_hooks = [dict(_base_._freeze, iters=4720)]
