# PRCC in data/prcc, pictures of 384 x 192 (height x width), persons in changed clothes.
# In the same clothes: --cfg-options test_dataloader.dataset.split=test-same-clothes
_base_ = './market_384x192.py'
_prcc = dict(type='PRCC', data_root='data/prcc')
train_dataloader = dict(dataset=_prcc)
val_dataloader = dict(dataset=_prcc)
test_dataloader = val_dataloader
