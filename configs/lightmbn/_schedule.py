# Adam, ten epochs of warm-up from a tenth, a cosine down to next to nothing.
optim_wrapper = dict(optimizer=dict(type='Adam', lr=6e-4, weight_decay=5e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=True, begin=0, end=10),
    dict(
        type='CosineAnnealingLR',
        T_max=119,
        eta_min=3.5e-7,
        by_epoch=True,
        begin=10,
        end=130,
    ),
]
train_cfg = dict(by_epoch=True, max_epochs=130, val_interval=10)
val_cfg = dict()
test_cfg = dict()
