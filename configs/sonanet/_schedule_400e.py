# SONA-Net: Adam; the rate grows by 1e-4 every five epochs, counted from 1, up to 1e-3,
# and drops tenfold at epochs 200 and 300. An epoch is short: each identity once.
optim_wrapper = dict(optimizer=dict(type='Adam', lr=1e-4, weight_decay=5e-4))
param_scheduler = [
    dict(
        type='MultiStepLR',
        milestones=[5 * step - 1],
        gamma=(step + 1) / step,
        by_epoch=True,
        end=10**9,
    )
    for step in range(1, 10)
]
param_scheduler += [
    dict(type='MultiStepLR', milestones=[199, 299], gamma=0.1, by_epoch=True, end=10**9)
]
train_cfg = dict(by_epoch=True, max_epochs=400, val_interval=40)
val_cfg = dict()
test_cfg = dict()
