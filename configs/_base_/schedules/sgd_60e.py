# PCB: SGD, a tenth of the rate for the pretrained trunk, one step.
optim_wrapper = dict(
    optimizer=dict(type='SGD', lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True),
    constructor='PrefixOptimWrapperConstructor',
    paramwise_cfg=dict(prefixes=dict(backbone=dict(lr_mult=0.1))),
)
param_scheduler = [
    dict(type='MultiStepLR', milestones=[40], gamma=0.1, by_epoch=True, end=10**9)
]
train_cfg = dict(by_epoch=True, max_epochs=60, val_interval=10)
val_cfg = dict()
test_cfg = dict()
