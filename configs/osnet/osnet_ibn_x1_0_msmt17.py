_base_ = ['./osnet_ibn_x1_0_market.py', '../_base_/datasets/msmt17.py']
train_dataloader = val_dataloader = test_dataloader = dict(dataset=_base_._msmt17)
custom_hooks = [dict(_base_._freeze, iters=4720)]
