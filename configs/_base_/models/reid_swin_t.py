# The strong baseline's head on the map of a Swin-T of ImageNet-22k and -1k.
_base_ = ['./reid_r50.py', './trunk_swin_t.py']
model = dict(backbone=dict(_base_._swin_t, _delete_=True))
