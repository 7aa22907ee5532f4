# AANet's stripes and alignment on the map of a Swin-T; its attention sits beside
# residual blocks, which a transformer has not. 384 x 192 makes 12 x 6 tokens, two rows
# for each of the six stripes; the 8 rows of 256 x 128 are no six stripes.
_base_ = ['./_aanet_r50.py', '../_base_/models/trunk_swin_t.py']
model = dict(backbone=dict(_base_._swin_t, _delete_=True))
