_base_ = './solider_swin-t_market.py'
_trunk = 'pretrained/solider_swin_b.pth'
model = dict(backbone=dict(arch='base', init_cfg=dict(checkpoint=_trunk)))
