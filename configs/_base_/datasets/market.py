# Market-1501 in data/market1501, pictures of 256 x 128 (height x width). The files of
# other data sets beside this one say only where they lie: a config inherits this, too.
# synthmini.py alone is a whole one, with loaders and pipelines of its own.
data_preprocessor = dict(
    mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True
)

_load = dict(type='LoadImage')
_resize = dict(type='Resize', scale=(128, 256))  # width, height
_flip = dict(type='RandomFlip', prob=0.5)
# The strong baseline's shift: 10 black pixels on every side, then cropped back.
_crop = dict(type='RandomCrop', crop_size=(256, 128), padding=10)
_erase = dict(
    type='RandomErasing',
    erase_prob=0.5,
    min_area_ratio=0.02,
    max_area_ratio=0.4,
    aspect_range=(0.3, 3.33),
    fill_color=(103.53, 116.28, 123.675),  # the mean; pictures are still BGR
)
_pack = dict(
    type='PackInputs',
    meta_keys=(
        *('sample_idx', 'img_path', 'person_id', 'cam_id', 'is_query'),
        'clothes_id',  # where the data set tells it
        'tracklet_id',
        'time',
    ),
)
train_pipeline = [_load, _resize, _flip, _erase, _pack]
test_pipeline = [_load, _resize, _pack]

train_dataloader = dict(
    batch_size=64,  # num_ids * num_instances
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='IdentitySampler', num_ids=16, num_instances=4),
    collate_fn=dict(type='default_collate'),
    dataset=dict(
        type='Market1501',
        data_root='data/market1501',
        split='train',
        pipeline=train_pipeline,
    ),
)
# Query and gallery are one data set; each record tells which it is.
val_dataloader = dict(
    batch_size=64,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='default_collate'),
    dataset=dict(
        type='Market1501',
        data_root='data/market1501',
        split='test',
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

val_evaluator = dict(type='ReIDMetric', distance='cosine')
test_evaluator = val_evaluator
