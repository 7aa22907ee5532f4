# LTCC in data/ltcc, pictures of 384 x 192 (height x width), in the cloth-changing
# setting. For the standard one: --cfg-options test_evaluator.protocol=market
_base_ = './market_384x192.py'
_ltcc = dict(type='LTCC', data_root='data/ltcc')
train_dataloader = dict(dataset=_ltcc)
val_dataloader = dict(dataset=_ltcc)
test_dataloader = val_dataloader
val_evaluator = dict(protocol='cloth-changing')
test_evaluator = val_evaluator
