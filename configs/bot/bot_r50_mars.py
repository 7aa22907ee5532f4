# Trained on single frames of MARS's tracklets, tested on whole tracklets, each the mean
# of its frames.
_base_ = ['./bot_r50_market.py', '../_base_/datasets/mars.py']
train_dataloader = val_dataloader = test_dataloader = dict(dataset=_base_._mars)
