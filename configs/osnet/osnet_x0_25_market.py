_base_ = './_osnet_small.py'
_imagenet = 'https://drive.google.com/uc?id=1rb8UN5ZzPKRc_xvtHlyDh-cSz88YX9hs'
model = dict(backbone=dict(width=0.25, init_cfg=dict(checkpoint=_imagenet)))
