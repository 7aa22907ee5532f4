# IANet: Adam. Length, steps and weight decay, which the paper does not tell, are those
# that the authors released for its successor.
optim_wrapper = dict(optimizer=dict(type='Adam', lr=3e-4, weight_decay=5e-4))
param_scheduler = [
    dict(type='MultiStepLR', milestones=[20, 40], gamma=0.1, by_epoch=True, end=10**9)
]
train_cfg = dict(by_epoch=True, max_epochs=60, val_interval=10)
val_cfg = dict()
test_cfg = dict()
