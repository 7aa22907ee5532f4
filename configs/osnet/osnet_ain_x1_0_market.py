_base_ = './osnet_ibn_x1_0_market.py'
_imagenet = 'https://drive.google.com/uc?id=1-CaioD9NaqbHK_kzSMW8VE4_3KcsRjEo'
model = dict(backbone=dict(norm='ain', init_cfg=dict(checkpoint=_imagenet)))
# The rate falls along a cosine, epoch by epoch.
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=100, by_epoch=True, begin=0, end=100)
]
train_cfg = dict(max_epochs=100)
val_evaluator = test_evaluator = dict(distance='cosine')
