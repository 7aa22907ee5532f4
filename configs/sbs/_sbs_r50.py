# fast-reid's stronger baseline: AGW's network, circle loss over classes, and a triplet
# loss without margin behind the neck.
_base_ = '../agw/_agw_r50.py'
model = dict(
    backbone=dict(stem_pool='ceil'),
    head=dict(
        classifier=dict(type='CosineClassifier'),
        id_loss=dict(
            _delete_=True,
            type='CircleSoftmaxLoss',
            scale=64,
            margin=0.35,
            label_smooth_val=0.1,
        ),
        metric_loss=dict(_delete_=True, type='BatchHardTripletLoss', margin='soft'),
        metric_vectors='bn_feat',
    ),
)
