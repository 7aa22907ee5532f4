# On a quarter of OSNet's width, from random weights on a CPU.
_base_ = [
    './_lightmbn_osnet.py',
    '../_base_/datasets/synthmini.py',
    '../_base_/schedules/synthmini.py',
    '../_base_/default_runtime.py',
]
model = dict(
    backbone=dict(width=0.25, init_cfg=None),
    head=dict(channels=128, branches=dict(channel=dict(pool=dict(out_channels=128)))),
)
