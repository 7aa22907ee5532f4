_base_ = [
    './_aanet_r50.py',
    '../_base_/datasets/market_384x192.py',
    './_schedule_100e.py',
    '../_base_/default_runtime.py',
]
# P = 10 identities x K = 3 images.
train_dataloader = dict(batch_size=30, sampler=dict(num_ids=10, num_instances=3))
