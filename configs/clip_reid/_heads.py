# What CLIP-ReID puts on both trunks: a map before the last, which gets a triplet loss
# alone, and in the second stage the text beside the projection's triplet loss.
_earlier = dict(
    pool=dict(type='GlobalPool'),
    bn_neck=False,
    neck_bias=True,  # it has no neck
    id_loss=None,
    test=None,
)
_with_text = [
    dict(type='BatchHardTripletLoss', margin=0.3),
    dict(type='FixedPrototypeLoss', prototypes=None, label_smooth_val=0.1),
]
