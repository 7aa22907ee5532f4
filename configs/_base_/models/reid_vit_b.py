# The strong baseline's head at the class token of a ViT-B/16 of ImageNet-21k and -1k,
# whose weights want pixels of mean and standard deviation 127.5.
_base_ = ['./reid_r50.py', './trunk_vit_b.py']
model = dict(
    backbone=dict(_base_._vit_b, _delete_=True),
    head=dict(branches=dict(whole=dict(in_index=1))),
)
