_base_ = './solider_swin-s_msmt17.py'
_trunk = 'pretrained/solider_swin_b.pth'
model = dict(backbone=dict(arch='base', init_cfg=dict(checkpoint=_trunk)))
