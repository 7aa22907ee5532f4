# Adam; ten epochs of warm-up, two steps.
optim_wrapper = dict(
    type='AutocastOptimWrapper',
    dtype='float16',
    optimizer=dict(type='Adam', lr=3.5e-4, weight_decay=5e-4),
    constructor='PrefixOptimWrapperConstructor',
    paramwise_cfg=dict(bias_lr_mult=2.0),
)
# 0.01 + 0.99 * epoch / 10, where the first epoch is 1.
param_scheduler = [
    dict(type='LinearLR', start_factor=0.109, by_epoch=True, begin=0, end=10),
    dict(type='MultiStepLR', milestones=[39, 69], gamma=0.1, by_epoch=True, end=10**9),
]
train_cfg = dict(by_epoch=True, max_epochs=120, val_interval=10)
val_cfg = dict()
test_cfg = dict()
