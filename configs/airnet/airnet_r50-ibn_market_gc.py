# Table 3, row 3: one branch, a global context block in front of the maximum.
_base_ = './airnet_r50-ibn_market_baseline.py'
_gc = dict(type='GlobalContext')
model = dict(head=dict(branches=dict(appearance=dict(stage=_gc))))
