# AANet: SGD; at epoch 40 the rate of the trunk, its attention included, drops tenfold.
optim_wrapper = dict(
    optimizer=dict(type='SGD', lr=0.01, momentum=0.9, weight_decay=5e-4),
    constructor='PrefixOptimWrapperConstructor',
    paramwise_cfg=dict(prefixes=dict(backbone=dict(lr_mult=1.0))),
)
param_scheduler = [
    dict(
        type='GroupMultiStepLR',
        groups=('backbone',),
        milestones=[40],
        gamma=0.1,
        by_epoch=True,
        end=10**9,
    )
]
train_cfg = dict(by_epoch=True, max_epochs=100, val_interval=10)
val_cfg = dict()
test_cfg = dict()
