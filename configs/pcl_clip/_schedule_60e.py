# SGD, ten epochs of warm-up, two steps.
optim_wrapper = dict(
    type='AutocastOptimWrapper',
    dtype='float16',
    optimizer=dict(type='SGD', lr=3.5e-4, momentum=0.9, weight_decay=5e-4),
)
# 0.1 + 0.9 * epoch / 10, where the first epoch is 0.
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=True, begin=0, end=11),
    dict(type='MultiStepLR', milestones=[30, 50], gamma=0.1, by_epoch=True, end=10**9),
]
train_cfg = dict(by_epoch=True, max_epochs=60, val_interval=10)
val_cfg = dict()
test_cfg = dict()
