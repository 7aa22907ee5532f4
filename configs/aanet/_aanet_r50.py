# AANet: PCB's stripes, attention in the trunk, and a branch that trains the map.
_base_ = '../pcb/_pcb_r50.py'
_ofa = dict(type='OFA', reduction=16)
model = dict(
    # Omnidirectional foreground-aware attention beside the last six residual blocks.
    backbone=dict(
        plugins=[
            dict(cfg=_ofa, stages=(2,), blocks=(3, 4, 5), position='parallel'),
            dict(cfg=_ofa, stages=(3,), blocks='all', position='parallel'),
        ]
    ),
    head=dict(
        branches=dict(
            # Not needed at test time.
            whole=dict(
                pool=dict(type='GlobalPool', mode='avg'),
                bn_neck=False,
                test=None,
                id_loss=dict(type='mmpretrain.CrossEntropyLoss'),
                metric_loss=dict(
                    type='BatchHardTripletLoss', margin=0.3, intra_weight=1.0
                ),
                alignment_loss=dict(
                    type='AttentionAlignmentLoss', thresholds=(0.3, 0.3)
                ),
            )
        )
    ),
)
