# Table 3, row 4: a second branch with a global context block in front of the maximum.
_base_ = './airnet_r50-ibn_market_gmp-abp.py'
_gmp = dict(_delete_=True, type='GlobalPool', mode='max')
_gc = dict(type='GlobalContext')
model = dict(head=dict(branches=dict(interaction=dict(pool=_gmp, stage=_gc))))
