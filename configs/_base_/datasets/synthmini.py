# SynthReID-mini in data/synthreid_mini, pictures of 192 x 96 (height x width).
_base_ = './market.py'
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=192, width=96)
# Few identities learn each camera's light by heart, unless it varies.
_jitter = dict(
    type='mmpretrain.ColorJitter',
    brightness=0.2,
    contrast=0.2,
    saturation=0.2,
    backend='cv2',
)
train_pipeline = [
    _base_._load,
    _base_._resize,
    _base_._flip,
    _base_._crop,
    _jitter,
    _base_._erase,
    _base_._pack,
]
_synthreid = dict(
    data_root='data/synthreid_mini',
    source='run python -m mmreid synthreid data/synthreid_mini --size mini',
)
train_dataloader = dict(
    batch_size=30,
    num_workers=1,
    sampler=dict(num_ids=10, num_instances=3),
    # So many persons are known before the data is made.
    dataset=dict(pipeline=train_pipeline, metainfo=dict(num_ids=100), **_synthreid),
)
val_dataloader = dict(num_workers=1, dataset=_synthreid)
test_dataloader = val_dataloader
