# AANet's stripes and alignment on the tokens of a ViT-B/16; its attention sits beside
# residual blocks, which a transformer has not. 384 x 192 makes 24 x 12 tokens, four
# rows for each of the six stripes; the 16 rows of 256 x 128 are no six stripes.
_base_ = ['./_aanet_r50.py', '../_base_/models/trunk_vit_b.py']
model = dict(backbone=dict(_base_._vit_b, _delete_=True, img_size=(384, 192)))
