_base_ = ['./mgn-original_r50_market.py', '../_base_/datasets/cuhk03_labeled.py']
train_dataloader = val_dataloader = test_dataloader = dict(dataset=_base_._cuhk03)
