# Table 3, row 6: all three vectors, but a global context block in front of a maximum
# in place of attention-based pooling.
_base_ = './airnet_r50-ibn_market.py'
_gmp = dict(_delete_=True, type='GlobalPool', mode='max')
_gc = dict(type='GlobalContext')
model = dict(head=dict(branches=dict(interaction=dict(pool=_gmp, stage=_gc))))
