# The first of twenty splits; all: tools/repeat.py CONFIG --splits all
_base_ = ['./bot_r50_market.py', '../_base_/datasets/cuhk03_detected.py']
_classic = dict(**_base_._cuhk03, protocol='classic')
train_dataloader = val_dataloader = test_dataloader = dict(dataset=_classic)
# One picture of each person at a time is the gallery.
val_evaluator = dict(protocol='single-shot')
test_evaluator = val_evaluator
