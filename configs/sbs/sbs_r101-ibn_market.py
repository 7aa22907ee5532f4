_base_ = ['./sbs_r50_market.py', '../_base_/models/trunk_ibn.py']
model = dict(backbone=dict(_base_._r101_ibn, plugins=_base_._r101_plugins))
