# Table 3, row 4: a second branch with a global context block in front of the maximum.
_base_ = './airnet_r50-ibn_market_gmp-abp.py'
gmp = dict(_delete_=True, type='GlobalPool', mode='max')
gc = dict(type='GlobalContext')
model = dict(head=dict(branches=dict(interaction=dict(pool=gmp, stage=gc))))
