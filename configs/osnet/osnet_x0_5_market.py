_base_ = './_osnet_small.py'
_imagenet = 'https://drive.google.com/uc?id=16DGLbZukvVYgINws8u8deSaOqjybZ83i'
model = dict(backbone=dict(width=0.5, init_cfg=dict(checkpoint=_imagenet)))
