_base_ = ['./sbs_r50_market.py', '../_base_/models/trunk_ibn.py']
model = dict(backbone=_base_._r50_ibn)
