# Table 3, row 2: one branch, attention-based pooling in place of the maximum.
_base_ = './airnet_r50-ibn_market_baseline.py'
_abp = dict(_delete_=True, type='AttentionPool')
model = dict(head=dict(branches=dict(appearance=dict(pool=_abp))))
