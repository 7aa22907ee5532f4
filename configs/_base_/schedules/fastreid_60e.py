# fast-reid's SBS and MGN: Adam, 2,000 iterations of linear warm-up, then a cosine over
# the second half of the epochs.
optim_wrapper = dict(optimizer=dict(type='Adam', lr=3.5e-4, weight_decay=5e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=2000),
    dict(
        type='CosineAnnealingLR',
        eta_min=7e-7,
        by_epoch=True,
        begin=30,
        end=60,
        T_max=30,
    ),
]
train_cfg = dict(by_epoch=True, max_epochs=60, val_interval=10)
val_cfg = dict()
test_cfg = dict()
