# The network of fast-reid's stronger baseline (SBS), for its converted weights: tested
# here, not trained.
_base_ = [
    '../_base_/models/reid_r50.py',
    '../_base_/datasets/market.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=384, width=128)
_non_local = dict(
    type='NonLocal2d',
    mode='dot_product',
    reduction=1024,  # the published weights have one channel inside
    norm_cfg=dict(type='BN'),
)
model = dict(
    backbone=dict(
        stem_pool='ceil',
        plugins=[
            dict(cfg=_non_local, stages=(1,), blocks=(2, 3)),
            dict(cfg=_non_local, stages=(2,), blocks=(3, 4, 5)),
        ],
    ),
    head=dict(branches=dict(whole=dict(pool=dict(mode='gem')))),
)
train_dataloader = None
val_dataloader = None
val_evaluator = None
test_cfg = dict()
