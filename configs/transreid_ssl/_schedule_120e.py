# TransReID's for trunks that know persons: slower, after twenty epochs of warm-up.
_base_ = '../transreid/_schedule_120e.py'
optim_wrapper = dict(optimizer=dict(lr=4e-4))
param_scheduler = [
    dict(type='WarmupCosineLR', end=120, warmup=20, warmup_lr=4e-6, eta_min=8e-7)
]
