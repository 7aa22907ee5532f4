# LightMBN: three tails of OSNet, whose maps give seven vectors.
_base_ = '../_base_/models/trunk_osnet.py'
_multi_similarity = dict(type='MultiSimilarityLoss', mining_margin=0.7, loss_weight=0.5)
model = dict(
    type='PersonReID',
    backbone=dict(_base_._osnet, last_stage_copies=3),
    head=dict(
        type='MultiBranchHead',
        channels=512,
        reduction='linear',
        bn_neck=True,
        neck_bias=False,
        test='bn_feat',
        normalize='part',
        order='channel',  # of the released vectors
        id_loss=dict(
            type='mmpretrain.LabelSmoothLoss', label_smooth_val=0.1, loss_weight=0.5
        ),
        branches=dict(
            # The whole, and what is left of it without the rows that answer most.
            whole=dict(
                stage=dict(type='OSBlock'),
                pool=dict(
                    type='ParallelPool',
                    pools=[
                        dict(type='GlobalPool', mode='avg'),
                        [
                            dict(type='TopDrop', drop_ratio=0.33),
                            dict(type='GlobalPool', mode='max'),
                        ],
                    ],
                ),
                metric_loss=_multi_similarity,
            ),
            part_whole=dict(
                in_index=1,
                pool=dict(type='GlobalPool', mode='max'),
                metric_loss=_multi_similarity,
            ),
            part=dict(in_index=1, pool=dict(type='StripePool', num_parts=2)),
            # Halves of the channels, by one reduction; behind it no further one.
            channel=dict(
                in_index=2,
                pool=dict(type='ChannelPool', out_channels=512),
                channels=None,
                reduction='unit',
            ),
        ),
    ),
)
