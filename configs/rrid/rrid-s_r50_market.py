# The smaller model (Ours-S): six stripes and their whole.
_base_ = './rrid_r50_market.py'
model = dict(head=dict(branches=dict(p2=None, p4=None)))
