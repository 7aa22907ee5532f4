_base_ = ['./aanet_r50_market.py', '../_base_/datasets/_cuhk03_labeled.py']
train_dataloader = dict(dataset=_base_._cuhk03)
val_dataloader = dict(dataset=_base_._cuhk03)
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=80)
