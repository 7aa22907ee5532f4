# SynthReID-mini in data/synthreid_mini, pictures of 192 x 96 (height x width).
_base_ = './market_256x128.py'

_resize = dict(type='Resize', scale=(96, 192))
_crop = dict(type='RandomCrop', crop_size=(192, 96), padding=10)
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
    _resize,
    _base_._flip,
    _crop,
    _jitter,
    _base_._erase,
    _base_._pack,
]
test_pipeline = [_base_._load, _resize, _base_._pack]

_synthreid = dict(
    data_root='data/synthreid_mini',
    source='run python tools/dataset_converters/make_synthreid.py '
    'data/synthreid_mini --size mini',
)
train_dataloader = dict(
    batch_size=30,
    num_workers=1,
    sampler=dict(num_ids=10, num_instances=3),
    # So many persons are known before the data is made.
    dataset=dict(pipeline=train_pipeline, metainfo=dict(num_ids=100), **_synthreid),
)
val_dataloader = dict(num_workers=1, dataset=dict(pipeline=test_pipeline, **_synthreid))
test_dataloader = val_dataloader
