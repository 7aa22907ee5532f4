# AGW: non-local blocks of one channel, generalised mean, and every pair of a batch
# weighed in the triplet loss.
_base_ = '../_base_/models/reid_r50.py'
_non_local = dict(type='NonLocalBlock', reduction=1024)  # one channel inside
model = dict(
    backbone=dict(
        plugins=[
            dict(cfg=_non_local, stages=(1,), blocks=(2, 3)),
            dict(cfg=_non_local, stages=(2,), blocks=(3, 4, 5)),
        ],
    ),
    head=dict(
        neck_bias=False,
        metric_loss=[
            dict(type='WeightedRegularizedTripletLoss'),
            dict(type='CenterLoss', loss_weight=5e-4),
        ],
        branches=dict(whole=dict(pool=dict(mode='gem'))),
    ),
)
