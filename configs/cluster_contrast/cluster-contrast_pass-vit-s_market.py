# PASS's trunk: the class token and the part tokens' mean, side by side behind one neck.
_base_ = './_cluster-contrast_vit-s-ics.py'
_trunk = 'pass-trunk_vit-s_luperson'
model = dict(
    backbone=dict(stem='conv', num_part_tokens=3, init_cfg=dict(checkpoint=_trunk)),
    head=dict(branches=dict(whole=dict(in_index=3))),
)
