_base_ = [
    './_lightmbn_osnet.py',
    '../_base_/datasets/market.py',
    './_schedule.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_interpolation, set_picture_size

set_picture_size(_base_, height=384, width=128)
set_interpolation(_base_, interpolation='bilinear', backend='pillow')
# Half of the pictures are enlarged by a twentieth, and cropped back.
_shift = dict(
    type='RandomApply',
    prob=0.5,
    transforms=[
        dict(type='Resize', scale=(134, 403), backend='pillow'),
        dict(type='RandomCrop', crop_size=(384, 128)),
    ],
)
# The authors erase normalised pixels, by numbers meant for others.
_erase = dict(_base_._erase, fill_color=(129.1, 143.8, 152.4))
train_pipeline = [
    _base_._load,
    _base_._resize,
    _base_._flip,
    _shift,
    _erase,
    _base_._pack,
]
train_dataloader = dict(
    batch_size=48,
    sampler=dict(num_ids=6, num_instances=8),
    dataset=dict(pipeline=train_pipeline),
)
