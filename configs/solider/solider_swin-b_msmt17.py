_base_ = './solider_swin-t_msmt17.py'
_trunk = 'pretrained/solider_swin_b.pth'
model = dict(backbone=dict(arch='base', init_cfg=dict(checkpoint=_trunk)))
optim_wrapper = dict(optimizer=dict(lr=2e-4))
# A hundredth and 0.002 of the learning rate.
param_scheduler = [
    dict(type='WarmupCosineLR', end=120, warmup=20, warmup_lr=2e-6, eta_min=4e-7)
]
