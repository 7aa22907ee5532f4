_base_ = ['./airnet_r50-ibn_market.py', '../_base_/datasets/_duke.py']
train_dataloader = dict(dataset=_base_._duke)
val_dataloader = dict(dataset=_base_._duke)
test_dataloader = val_dataloader
