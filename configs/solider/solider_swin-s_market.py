_base_ = './solider_swin-t_market.py'
_trunk = 'pretrained/solider_swin_s.pth'
model = dict(backbone=dict(arch='small', init_cfg=dict(checkpoint=_trunk)))
