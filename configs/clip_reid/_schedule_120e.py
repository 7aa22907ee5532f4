# The same for ResNet-50, faster and for longer.
_base_ = './_schedule_60e.py'
optim_wrapper = dict(optimizer=dict(lr=3.5e-4, weight_decay=5e-4))
# 0.01 + 0.99 * epoch / 10, where the first epoch is 1.
param_scheduler = [
    dict(type='LinearLR', start_factor=0.109, by_epoch=True, begin=0, end=10),
    dict(type='MultiStepLR', milestones=[39, 69], gamma=0.1, by_epoch=True, end=10**9),
]
train_cfg = dict(max_epochs=120)
