# CLIP-ReID's second stage. Its text term needs the first stage's vectors in a file:
# --cfg-options model.head.branches.projected.metric_loss.1.prototypes=FILE.npy
_base_ = './_clip-reid-baseline_r50.py'
_triplet = dict(type='BatchHardTripletLoss', margin=0.3)
_text = dict(type='FixedPrototypeLoss', prototypes=None, label_smooth_val=0.1)
model = dict(head=dict(branches=dict(projected=dict(metric_loss=[_triplet, _text]))))
