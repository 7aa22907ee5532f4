# RRID's relations on the map of a Swin-T: 384 x 128 makes 12 x 4 tokens, which two,
# four and six stripes divide; the 8 rows of 256 x 128 are no six stripes.
_base_ = ['./_rrid_r50.py', '../_base_/models/trunk_swin_t.py']
model = dict(backbone=dict(_base_._swin_t, _delete_=True))
