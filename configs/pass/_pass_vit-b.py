# PASS: three part tokens behind the class token; the class token and the parts' mean,
# side by side, are the vector.
_base_ = '../transreid/_baseline_vit-b.py'
_trunk = 'pass-trunk_vit-b_luperson'
model = dict(
    backbone=dict(num_part_tokens=3, init_cfg=dict(checkpoint=_trunk)),
    head=dict(branches=dict(whole=dict(in_index=3))),
)
