# MGN as fast-reid has it: from the second block of layer3 on three branches, which see
# the whole, halves and thirds; 256 values for each, behind a neck.
_base_ = '../_base_/models/reid_r50.py'
model = dict(
    backbone=dict(last_stage_copies=3, copies_from=(2, 1), copy_strides=(1, 1)),
    head=dict(
        channels=256,
        reduction='linear',
        neck_bias=False,
        classifier=dict(type='CosineClassifier'),
        id_loss=dict(
            _delete_=True,
            type='CircleSoftmaxLoss',
            scale=64,
            margin=0.35,
            label_smooth_val=0.1,
            loss_weight=0.125,  # of eight
        ),
        metric_loss=dict(
            _delete_=True,
            type='BatchHardTripletLoss',
            margin='soft',
            loss_weight=0.2,  # of five
        ),
        metric_vectors='bn_feat',
        metric_over='joined',
        branches=dict(
            _delete_=True,
            whole1=dict(in_index=0, pool=dict(type='GlobalPool', mode='gem')),
            whole2=dict(in_index=1, pool=dict(type='GlobalPool', mode='gem')),
            whole3=dict(in_index=2, pool=dict(type='GlobalPool', mode='gem')),
            halves=dict(
                in_index=1, pool=dict(type='StripePool', num_parts=2, mode='gem')
            ),
            thirds=dict(
                in_index=2, pool=dict(type='StripePool', num_parts=3, mode='gem')
            ),
        ),
    ),
)
