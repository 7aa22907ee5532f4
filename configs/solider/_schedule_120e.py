# TransReID's schedule at a tenth of its rate, with twenty epochs of warm-up.
_base_ = '../transreid/_schedule_120e.py'
optim_wrapper = dict(optimizer=dict(lr=8e-4))
param_scheduler = [
    dict(type='WarmupCosineLR', end=120, warmup=20, warmup_lr=8e-6, eta_min=1.6e-6)
]
