# RRID's relations on the tokens of a ViT-B/16: 384 x 128 makes 24 x 8 of them, which
# two, four and six stripes divide; the 16 rows of 256 x 128 are no six stripes.
_base_ = ['./_rrid_r50.py', '../_base_/models/trunk_vit_b.py']
model = dict(backbone=dict(_base_._vit_b, _delete_=True, img_size=(384, 128)))
