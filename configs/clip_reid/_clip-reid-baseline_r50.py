# CLIP-ReID without text on CLIP's ResNet: two maps, pooled, and the attention's vector.
# Pixels are TransReID's, of ImageNet's mean and deviation.
_base_ = [
    '../_base_/models/reid_clip_r50.py',
    './_heads.py',
    '../transreid/_data.py',
    './_schedule_120e.py',
    '../_base_/default_runtime.py',
]
model = dict(
    head=dict(
        branches=dict(
            projected=dict(in_index=2, pool=dict(type='GlobalPool')),
            earlier=dict(_base_._earlier, in_index=1),
        )
    )
)
data_preprocessor = dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])
_erase = dict(
    _base_._erase,
    fill_color=(103.53, 116.28, 123.675),
    fill_std=(57.375, 57.12, 58.395),
)
train_pipeline = [
    _base_._load,
    _base_._resize,
    _base_._flip,
    _base_._crop,
    _erase,
    _base_._pack,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
