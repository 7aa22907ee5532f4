# AIR-Net: Adam, no warm-up; from epoch 70 on the rate stays.
_base_ = '../_base_/schedules/adam_120e.py'
param_scheduler = [
    dict(type='MultiStepLR', milestones=[40, 70], gamma=0.1, by_epoch=True, end=10**9)
]
train_cfg = dict(max_epochs=200)
