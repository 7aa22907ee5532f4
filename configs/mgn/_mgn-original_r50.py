# MGN as its authors have it: the first branch strides, maxima are pooled, and the
# identity losses of the whole see 2,048 values in front of the reduction.
_base_ = './_mgn_r50.py'
_id_loss = dict(type='mmpretrain.CrossEntropyLoss', loss_weight=1 / 8)
_triplet = dict(type='BatchHardTripletLoss', margin=1.2, loss_weight=1 / 3)
_whole = dict(type='GlobalPool', mode='max')
_identity = dict(pool=_whole, channels=None, test=None, id_loss=_id_loss)
model = dict(
    backbone=dict(strides=(1, 2, 2, 2)),
    head=dict(
        _delete_=True,
        type='MultiBranchHead',
        channels=256,
        branches=dict(
            whole1=dict(in_index=0, pool=_whole, metric_loss=_triplet),
            whole2=dict(in_index=1, pool=_whole, metric_loss=_triplet),
            whole3=dict(in_index=2, pool=_whole, metric_loss=_triplet),
            halves=dict(
                in_index=1,
                pool=dict(type='StripePool', num_parts=2, mode='max'),
                id_loss=_id_loss,
            ),
            thirds=dict(
                in_index=2,
                pool=dict(type='StripePool', num_parts=3, mode='max'),
                id_loss=_id_loss,
            ),
            identity1=dict(in_index=0, **_identity),
            identity2=dict(in_index=1, **_identity),
            identity3=dict(in_index=2, **_identity),
        ),
    ),
    flip_test=True,
)
