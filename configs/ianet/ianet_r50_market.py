_base_ = [
    './_ianet_r50.py',
    '../_base_/datasets/market.py',
    './_schedule_60e.py',
    '../_base_/default_runtime.py',
]
# Cross-entropy alone: pictures in any order, mirrored and nothing else.
train_dataloader = dict(
    batch_size=32,
    drop_last=True,  # batch norm cannot do with a single picture
    sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
    dataset=dict(pipeline=[_base_._load, _base_._resize, _base_._flip, _base_._pack]),
)
