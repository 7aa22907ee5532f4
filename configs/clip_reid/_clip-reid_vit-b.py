# CLIP-ReID's second stage. Its text term needs the first stage's vectors in a file:
# --cfg-options model.head.branches.projected.metric_loss.1.prototypes=FILE.npy
_base_ = './_clip-reid-baseline_vit-b.py'
model = dict(
    head=dict(
        id_loss=dict(loss_weight=0.25),
        branches=dict(projected=dict(metric_loss=_base_._with_text)),
    )
)
