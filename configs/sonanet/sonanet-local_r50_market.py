# Section 3.4: SONA right behind stage 4, on the local branch alone.
_base_ = './sonanet_r50_market.py'
_drop = dict(stage=[dict(type='SONA'), *_base_.model.head.branches.drop.stage])
model = dict(backbone=dict(plugins=[]), head=dict(branches=dict(drop=_drop)))
