# The jigsaw: beside the class token four local features of shuffled patches, each half
# of the losses. Cameras are told by side_information, for which see the leaves.
_base_ = './_baseline_vit-b.py'
model = dict(
    backbone=dict(jigsaw=dict(num_groups=4, shift=5)),
    head=dict(
        id_loss=dict(loss_weight=0.5),
        metric_loss=dict(loss_weight=0.5),
        branches=dict(
            local=dict(
                in_index=2,
                pool=dict(type='StripePool', num_parts=4),
                part_reduction='mean',
                test_scale=0.25,
            ),
        ),
    ),
)
