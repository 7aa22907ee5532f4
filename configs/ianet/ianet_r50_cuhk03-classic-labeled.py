# CUHK03's classic protocol: the first of twenty splits; tools/repeat.py runs all.
_base_ = ['./ianet_r50_market.py', '../_base_/datasets/cuhk03_labeled.py']
_cuhk03 = dict(_base_._cuhk03, protocol='classic')
train_dataloader = val_dataloader = test_dataloader = dict(dataset=_cuhk03)
# The authors' code counts pictures of both cameras as wrong answers.
val_evaluator = dict(protocol='single-shot', impostors='both')
test_evaluator = val_evaluator
