_base_ = ['./sbs_r50-ibn_market.py', '../_base_/datasets/duke.py']
train_dataloader = val_dataloader = test_dataloader = dict(dataset=_base_._duke)
