# The network of the authors' code, for their weights: another contrast, and
# classifiers on the vectors that the relations are made of.
_base_ = './rrid_r50_market.py'
from mmreid.engine import set_interpolation

set_interpolation(_base_, interpolation='bilinear', backend='pillow')
_released = dict(pool=dict(variant='released', deep_supervision=True))
model = dict(head=dict(branches=dict(p2=_released, p4=_released, p6=_released)))
