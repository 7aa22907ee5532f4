# AIR-Net: two copies of layer4, one for the appearance of a person, one for the
# interaction of its features, and three vectors.
_base_ = '../_base_/models/reid_r50.py'
model = dict(
    backbone=dict(
        # The paper's third and fourth stage, with the stem counted as the first.
        plugins=[dict(cfg=dict(type='GlobalContext', reduction=16), stages=(1, 2))],
        last_stage_copies=2,
    ),
    head=dict(
        # The mean over the three vectors (Eq. 7).
        id_loss=dict(
            _delete_=True, type='mmpretrain.CrossEntropyLoss', loss_weight=1 / 3
        ),
        metric_loss=dict(distance='cosine', margin=0.2, loss_weight=1 / 3),
        branches=dict(
            _delete_=True,
            # The paper's branches 1, 2A and 2B.
            appearance=dict(pool=dict(type='GlobalPool', mode='max'), in_index=0),
            feature=dict(pool=dict(type='GlobalPool', mode='max'), in_index=1),
            interaction=dict(pool=dict(type='AttentionPool'), in_index=1),
        ),
    ),
)
