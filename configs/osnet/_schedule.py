# torchreid's: amsgrad, a tenth of the rate every 60 epochs.
optim_wrapper = dict(
    optimizer=dict(
        type='Adam', amsgrad=True, lr=1.5e-3, betas=(0.9, 0.99), weight_decay=5e-4
    )
)
param_scheduler = [
    dict(type='MultiStepLR', milestones=[60, 120], gamma=0.1, by_epoch=True, end=10**9)
]
train_cfg = dict(by_epoch=True, max_epochs=150, val_interval=10)
val_cfg = dict()
test_cfg = dict()
