# fast-reid's MGN up to its version 0.1, whose weights it published: batch norm and ReLU
# in the reduction.
_base_ = './mgn_r50-ibn_market.py'
model = dict(backbone=dict(stem_pool='padded'), head=dict(reduction='unit'))
