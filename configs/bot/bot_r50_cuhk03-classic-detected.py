# The first of twenty splits; all: tools/repeat.py CONFIG --splits all
_base_ = ['./bot_r50_market.py', '../_base_/datasets/_cuhk03_detected.py']
_classic = dict(**_base_._cuhk03, protocol='classic')
train_dataloader = dict(dataset=_classic)
val_dataloader = dict(dataset=_classic)
test_dataloader = val_dataloader
# One picture of each person at a time is the gallery.
val_evaluator = dict(protocol='single-shot')
test_evaluator = val_evaluator
