# Table 3, row 5: a second branch with attention-based pooling.
_base_ = './airnet_r50-ibn_market.py'
model = dict(
    head=dict(
        id_loss=dict(loss_weight=1 / 2),
        metric_loss=dict(loss_weight=1 / 2),
        branches=dict(feature=None),
    )
)
