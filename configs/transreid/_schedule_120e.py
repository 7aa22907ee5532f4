# TransReID: SGD, biases twice as fast, five epochs of warm-up and a cosine.
optim_wrapper = dict(
    type='AutocastOptimWrapper',
    dtype='float16',
    optimizer=dict(type='SGD', lr=0.008, momentum=0.9, weight_decay=1e-4),
    constructor='PrefixOptimWrapperConstructor',
    paramwise_cfg=dict(bias_lr_mult=2.0),
)
# From a hundredth to 0.002 of the learning rate.
param_scheduler = [
    dict(type='WarmupCosineLR', end=120, warmup=5, warmup_lr=8e-5, eta_min=1.6e-5)
]
train_cfg = dict(by_epoch=True, max_epochs=120, val_interval=10)
val_cfg = dict()
test_cfg = dict()
