_base_ = [
    '../_base_/models/reid_timm.py',
    '../_base_/datasets/synthmini.py',
    '../_base_/schedules/synthmini.py',
    '../_base_/default_runtime.py',
]
# 4.9 million weights, of which a stage is one block.
model = dict(backbone=dict(model_name='resnet10t', img_size=(192, 96)))
