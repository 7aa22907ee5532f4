# The class token of CLIP's image tower and its projection, one vector of 1280, and a
# memory of one such vector per identity, made anew before each epoch.
_base_ = [
    '../_base_/models/reid_clip_vit_b.py',
    '../_base_/datasets/market.py',
    './_schedule_60e.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_interpolation

set_interpolation(_base_, interpolation='bicubic', backend='pillow')
data_preprocessor = dict(mean=[127.5, 127.5, 127.5], std=[127.5, 127.5, 127.5])
model = dict(
    backbone=dict(freeze_patches=True),
    head=dict(
        test='bn_feat',
        id_loss=dict(loss_weight=0.25),
        metric_loss=None,
        branches=dict(whole=dict(in_index=4)),
        embedding_loss=dict(
            type='ClusterMemoryLoss', temperature=0.05, momentum=0.2, update='hardest'
        ),
    ),
)
custom_hooks = [dict(type='ClassCentroidsHook')]
_erase = dict(_base_._erase, fill_color=(191, 191, 191))  # .5 of normalised pixels
train_pipeline = [
    _base_._load,
    _base_._resize,
    _base_._flip,
    _base_._crop,
    _erase,
    _base_._pack,
]
train_dataloader = dict(
    batch_size=256,
    sampler=dict(num_ids=32, num_instances=8, num_batches=200),
    dataset=dict(pipeline=train_pipeline),
)
