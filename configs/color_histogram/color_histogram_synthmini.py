# What colour alone achieves: HSV histograms of six stripes of the middle three eighths,
# where the person is (the whole picture would compare backgrounds). Nothing is trained;
# test it without a checkpoint.
_base_ = [
    '../_base_/datasets/synthmini.py',
    '../_base_/default_runtime.py',
]
test_pipeline = [
    _base_._load,
    _base_._resize,
    dict(type='CenterCrop', crop_size=(36, 192)),
    _base_._pack,
]
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
train_dataloader = None
val_dataloader = None
val_evaluator = None
model = dict(
    type='PersonReID',
    backbone=dict(type='ColorBins', bins=(12, 4, 4)),
    head=dict(
        type='MultiBranchHead',
        branches=dict(
            part=dict(pool=dict(type='StripePool', num_parts=6), test='pooled')
        ),
    ),
    # ColorBins reads pixels from 0 to 255.
    data_preprocessor=dict(to_rgb=True),
)
test_cfg = dict()
