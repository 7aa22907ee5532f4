# AGW: non-local blocks of one channel, generalised mean, and every pair of a batch
# weighed in the triplet loss.
_base_ = '../_base_/models/reid_r50.py'
_non_local = dict(type='NonLocalBlock', reduction=1024)  # one channel inside
_r50_plugins = [
    dict(cfg=_non_local, stages=(1,), blocks=(2, 3)),
    dict(cfg=_non_local, stages=(2,), blocks=(3, 4, 5)),
]
# Heirs on other depths: nine of layer3's 23 blocks; one of two in each stage.
_r101_plugins = [
    dict(cfg=_non_local, stages=(1,), blocks=(2, 3)),
    dict(cfg=_non_local, stages=(2,), blocks=tuple(range(14, 23))),
]
_r18_plugins = [
    dict(cfg=_non_local, stages=(1,), blocks='last'),
    dict(cfg=_non_local, stages=(2,), blocks='last'),
]
model = dict(
    backbone=dict(plugins=_r50_plugins),
    head=dict(
        neck_bias=False,
        metric_loss=[
            dict(type='WeightedRegularizedTripletLoss'),
            dict(type='CenterLoss', loss_weight=5e-4),
        ],
        branches=dict(whole=dict(pool=dict(mode='gem'))),
    ),
)
