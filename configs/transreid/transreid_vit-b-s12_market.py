# Patches that overlap: 21 x 10 of them.
_base_ = './transreid_vit-b_market.py'
model = dict(backbone=dict(stride=12))
