# From random weights on a CPU: the strong baseline's head, without the reduction.
_base_ = [
    '../_base_/models/reid_osnet.py',
    '../_base_/datasets/synthmini.py',
    '../_base_/schedules/synthmini.py',
    '../_base_/default_runtime.py',
]
model = dict(
    backbone=dict(width=0.25, init_cfg=None),
    head=dict(
        channels=None,
        bn_neck=True,
        test='bn_feat',
        metric_loss=dict(type='BatchHardTripletLoss', margin=0.3),
    ),
)
# torchreid's rate for this width; with a third of it nearly nothing is learned.
optim_wrapper = dict(optimizer=dict(lr=3e-3))
