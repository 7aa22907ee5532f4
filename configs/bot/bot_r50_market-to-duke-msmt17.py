# Trained on Market-1501; tested on it and, unchanged, on two data sets never seen.
_base_ = './bot_r50_market.py'
loader = dict(
    batch_size=64,
    num_workers=4,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='default_collate'),
)
tested = dict(split='test', pipeline=_base_.test_pipeline)
duke_test = dict(type='DukeMTMCReID', data_root='data/dukemtmc-reid', **tested)
msmt17_test = dict(type='MSMT17', data_root='data/msmt17', **tested)
test_dataloader = [
    _base_.test_dataloader,
    dict(dataset=duke_test, **loader),
    dict(dataset=msmt17_test, **loader),
]
test_cfg = dict(type='MultiTestLoop')
