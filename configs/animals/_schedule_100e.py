# MegaDescriptor's: SGD, 100 epochs of half a cosine.
optim_wrapper = dict(optimizer=dict(type='SGD', lr=1e-3, momentum=0.9))
param_scheduler = [
    dict(type='CosineAnnealingLR', eta_min=1e-6, by_epoch=True, end=100, T_max=100)
]
train_cfg = dict(by_epoch=True, max_epochs=100, val_interval=10)
val_cfg = dict()
test_cfg = dict()
