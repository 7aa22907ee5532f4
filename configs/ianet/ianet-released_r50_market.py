# The network of the authors' code, for their weights: SIA of single cells, scaled.
_base_ = './ianet_r50_market.py'
from mmreid.engine import set_interpolation

set_interpolation(_base_, interpolation='bicubic', backend='pillow')
_plugins = [
    dict(cfg=dict(type='IABlock', sigma=(10, 20), variant='released'), stages=(1,)),
    dict(cfg=dict(type='IABlock', sigma=(5, 10), variant='released'), stages=(2,)),
]
model = dict(backbone=dict(plugins=_plugins))
