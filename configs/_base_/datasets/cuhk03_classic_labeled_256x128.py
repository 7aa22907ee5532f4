# CUHK03's classic protocol, drawn boxes, pictures of 256 x 128 (height x width);
# the first of twenty splits. tools/repeat.py runs all.
_base_ = './cuhk03_labeled_256x128.py'
train_dataloader = dict(dataset=dict(protocol='classic'))
val_dataloader = dict(dataset=dict(protocol='classic'))
test_dataloader = val_dataloader
# One picture of each person at a time is the gallery.
val_evaluator = dict(protocol='single-shot')
test_evaluator = val_evaluator
