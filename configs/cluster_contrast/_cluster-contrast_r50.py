# BoT's network with a generalised mean and without classifier. What stands behind the
# BN neck, at unit length, is compared with a memory of clusters.
_base_ = '../bot/bot_r50_market.py'
from mmreid.engine import cluster_training, set_interpolation

set_interpolation(_base_, interpolation='bicubic', backend='pillow')
cluster_training(_base_)
model = dict(head=dict(branches=dict(whole=dict(pool=dict(mode='gem')))))
