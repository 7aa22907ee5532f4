_base_ = './pass_vit-b_msmt17.py'
_trunk = 'pass-trunk_vit-s_luperson'
model = dict(backbone=dict(arch='deit-small', init_cfg=dict(checkpoint=_trunk)))
