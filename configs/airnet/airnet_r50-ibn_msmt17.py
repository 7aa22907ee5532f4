_base_ = ['./airnet_r50-ibn_market.py', '../_base_/datasets/_msmt17.py']
train_dataloader = dict(dataset=_base_._msmt17)
val_dataloader = dict(dataset=_base_._msmt17)
test_dataloader = val_dataloader
