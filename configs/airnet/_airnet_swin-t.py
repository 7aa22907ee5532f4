# AIR-Net's three vectors on a Swin-T: the greatest and the attended tokens, and their
# average, where the paper has another last stage.
_base_ = ['./_airnet_r50.py', '../_base_/models/trunk_swin_t.py']
model = dict(
    backbone=dict(_base_._swin_t, _delete_=True),
    head=dict(branches=dict(interaction=dict(in_index=0))),
)
