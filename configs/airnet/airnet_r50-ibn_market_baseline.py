# Table 3, row 1: one branch.
_base_ = './airnet_r50-ibn_market.py'
model = dict(
    backbone=dict(last_stage_copies=1),
    head=dict(
        id_loss=dict(loss_weight=1),
        metric_loss=dict(loss_weight=1),
        branches=dict(feature=None, interaction=None),
    ),
)
