_base_ = './personvit_vit-b_market.py'
_trunk = 'personvit-trunk_vit-s_luperson'
model = dict(backbone=dict(arch='deit-small', init_cfg=dict(checkpoint=_trunk)))
