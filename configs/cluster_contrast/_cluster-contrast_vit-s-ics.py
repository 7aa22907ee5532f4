# TransReID-SSL's trunk; a BN neck behind the class token, compared at unit length.
_base_ = '../transreid_ssl/transreid-ssl_vit-s-ics_market.py'
from mmreid.engine import cluster_training, set_interpolation

set_interpolation(_base_, interpolation='bicubic', backend='pillow')
_memory = dict(momentum=0.2, update='hardest')
cluster_training(_base_, num_ids=32, num_instances=8, memory=_memory)
_neck = dict(bn_neck=True, neck_bias=False, test='bn_feat')
model = dict(
    backbone=dict(drop_path_rate=0.3),
    head=dict(branches=dict(whole=_neck)),
)
optim_wrapper = dict(
    optimizer=dict(lr=3.5e-4, weight_decay=5e-4),
    paramwise_cfg=dict(bias_lr_mult=1.0),
)
