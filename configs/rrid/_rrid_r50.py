# RRID, the larger model (Ours-F): two, four and six stripes, each set with its whole.
_base_ = '../_base_/models/reid_r50.py'
_pool = dict(type='RelationPool', out_channels=256)
model = dict(
    flip_test=True,
    head=dict(
        normalize='whole',
        # Every vector has its own losses; they are summed.
        bn_neck=False,
        test='feat',
        id_loss=dict(
            _delete_=True, type='mmpretrain.CrossEntropyLoss', loss_weight=2.0
        ),
        metric_loss=dict(type='BatchHardTripletLoss', margin=1.2),
        branches=dict(
            _delete_=True,
            p2=dict(pool=dict(num_parts=2, **_pool)),
            p4=dict(pool=dict(num_parts=4, **_pool)),
            p6=dict(pool=dict(num_parts=6, **_pool)),
        ),
    ),
)
