# The network of torchreid's ResNets, for their weights: no BN neck, unscaled vectors.
_base_ = './bot_r50_market.py'
from mmreid.engine import set_interpolation

set_interpolation(_base_, interpolation='bilinear', backend='pillow')
model = dict(head=dict(bn_neck=False, test='feat', metric_loss=None))
val_evaluator = test_evaluator = dict(distance='euclidean')
