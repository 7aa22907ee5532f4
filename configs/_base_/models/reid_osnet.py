# OSNet as torchreid trains it: a reduction to 512, and identities alone.
_base_ = './trunk_osnet.py'
model = dict(
    type='PersonReID',
    backbone=_base_._osnet,
    head=dict(
        type='MultiBranchHead',
        channels=512,
        id_loss=dict(type='mmpretrain.LabelSmoothLoss', label_smooth_val=0.1),
        branches=dict(whole=dict(pool=dict(type='GlobalPool', mode='avg'))),
    ),
)
