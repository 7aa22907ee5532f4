# OSNet as torchreid trains it: a reduction to 512, and identities alone.
model = dict(
    type='PersonReID',
    backbone=dict(
        type='OSNet',
        # ImageNet's weights, as torchreid fetches them.
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://drive.google.com/uc?id=1LaG1EJpHrxdAxKnSCJ_i0u-nbxSAeiFY',
        ),
    ),
    head=dict(
        type='MultiBranchHead',
        channels=512,
        id_loss=dict(type='mmpretrain.LabelSmoothLoss', label_smooth_val=0.1),
        branches=dict(whole=dict(pool=dict(type='GlobalPool', mode='avg'))),
    ),
)
