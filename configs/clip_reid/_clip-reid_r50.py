# CLIP-ReID's second stage. Its text term needs the first stage's vectors in a file:
# --cfg-options model.head.branches.projected.metric_loss.1.prototypes=FILE.npy
_base_ = './_clip-reid-baseline_r50.py'
model = dict(head=dict(branches=dict(projected=dict(metric_loss=_base_._with_text))))
