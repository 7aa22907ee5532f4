_base_ = ['./sonanet_r50_market.py', '../_base_/datasets/_synthreid.py']
train_dataloader = dict(dataset=_base_._synthreid)
val_dataloader = dict(dataset=_base_._synthreid)
test_dataloader = val_dataloader
