_base_ = './osnet_x1_0_market.py'
_imagenet = 'https://drive.google.com/uc?id=1sr90V6irlYYDd4_4ISU2iruoRG8J__6l'
model = dict(backbone=dict(norm='ibn', init_cfg=dict(checkpoint=_imagenet)))
_jitter = dict(
    type='mmpretrain.ColorJitter', brightness=0.2, contrast=0.15, backend='cv2'
)
train_pipeline = [
    _base_._load,
    _base_._resize,
    _base_._flip,
    _jitter,
    _base_._pack,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
