# The recipe of the smallest widths: twice the rate and the batch, for longer.
_base_ = './osnet_x1_0_market.py'
optim_wrapper = dict(optimizer=dict(lr=3e-3))
param_scheduler = [
    dict(type='MultiStepLR', milestones=[80, 160], gamma=0.1, by_epoch=True, end=10**9)
]
train_cfg = dict(max_epochs=180)
train_dataloader = dict(batch_size=128)
custom_hooks = [dict(_base_._freeze, iters=1010)]
