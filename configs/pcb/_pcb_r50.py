# PCB: six stripes, each with its own reduction and classifier.
_base_ = '../_base_/models/reid_r50.py'
model = dict(
    head=dict(
        branches=dict(
            _delete_=True,
            part=dict(
                pool=dict(type='StripePool', num_parts=6),
                channels=256,
                bn_neck=False,
                test='pooled',
                id_loss=dict(type='mmpretrain.CrossEntropyLoss'),
                metric_loss=None,
            ),
        )
    )
)
