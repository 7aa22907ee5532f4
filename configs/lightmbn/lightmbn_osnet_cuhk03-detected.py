_base_ = ['./lightmbn_osnet_market.py', '../_base_/datasets/cuhk03_detected.py']
val_dataloader = test_dataloader = dict(dataset=_base_._cuhk03)
# Eight persons a batch, as the authors recommend for it.
train_dataloader = dict(batch_size=64, sampler=dict(num_ids=8), dataset=_base_._cuhk03)
