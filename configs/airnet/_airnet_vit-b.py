# AIR-Net's three vectors on a ViT-B/16: the greatest and the attended tokens, and the
# class token, the transformer's own expert, where the paper has another last stage.
_base_ = ['./_airnet_r50.py', '../_base_/models/trunk_vit_b.py']
model = dict(
    backbone=dict(_base_._vit_b, _delete_=True),
    head=dict(branches=dict(interaction=dict(in_index=0))),
)
