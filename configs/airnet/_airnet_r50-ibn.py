# AIR-Net on IBN-ResNet-50-a, without global context.
_base_ = ['./_airnet_r50.py', '../_base_/models/trunk_ibn.py']
model = dict(backbone=dict(_base_._r50_ibn, plugins=[]))
