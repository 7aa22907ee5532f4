# IANet: two blocks in the trunk, and plain cross-entropy behind batch norm.
_base_ = '../_base_/models/reid_r50.py'
_plugins = [
    # Deviations of the location relations along x and y, in positions of the map.
    dict(cfg=dict(type='IABlock', sigma=(10, 20)), stages=(1,)),
    dict(cfg=dict(type='IABlock', sigma=(5, 10)), stages=(2,)),
]
model = dict(
    backbone=dict(plugins=_plugins),
    head=dict(
        id_loss=dict(_delete_=True, type='mmpretrain.CrossEntropyLoss'),
        metric_loss=None,
    ),
)
