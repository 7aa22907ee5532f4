# DeiT-S in place of ViT-B.
_base_ = './transreid_vit-b-s12_market.py'
_trunk = (
    'https://dl.fbaipublicfiles.com/deit/deit_small_distilled_patch16_224-649709d9.pth'
)
model = dict(backbone=dict(arch='deit-small', init_cfg=dict(checkpoint=_trunk)))
