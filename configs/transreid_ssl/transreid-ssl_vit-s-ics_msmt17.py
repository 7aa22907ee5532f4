_base_ = './transreid-ssl_vit-b-ics_msmt17.py'
_trunk = 'vit-s-ics_luperson'
model = dict(backbone=dict(arch='deit-small', init_cfg=dict(checkpoint=_trunk)))
