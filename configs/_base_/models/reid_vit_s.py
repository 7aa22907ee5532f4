# The same at a DeiT-S/16, distilled on ImageNet-1k.
_base_ = './reid_vit_b.py'
_trunk = (
    'https://dl.fbaipublicfiles.com/deit/deit_small_distilled_patch16_224-649709d9.pth'
)
model = dict(backbone=dict(arch='deit-small', init_cfg=dict(checkpoint=_trunk)))
