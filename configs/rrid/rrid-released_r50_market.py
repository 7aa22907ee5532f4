# The network of the authors' code, for their weights: another contrast, and
# classifiers on the vectors that the relations are made of.
_base_ = './rrid_r50_market.py'
released = dict(pool=dict(variant='released', deep_supervision=True))
model = dict(head=dict(branches=dict(p2=released, p4=released, p6=released)))
