# The schedule is SOLIDER's.
_base_ = [
    './_aanet_swin-t.py',
    '../_base_/datasets/market.py',
    '../solider/_schedule_120e.py',
    '../_base_/default_runtime.py',
]
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=384, width=192)
# P = 10 identities x K = 3 images.
train_dataloader = dict(batch_size=30, sampler=dict(num_ids=10, num_instances=3))
