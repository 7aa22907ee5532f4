_base_ = ['../sonanet/sonanet_r50_market.py', '../_base_/datasets/msmt17.py']
from mmreid.engine import cluster_training

cluster_training(_base_, num_batches=400)
train_dataloader = dict(dataset=dict(dataset=_base_._msmt17))
val_dataloader = test_dataloader = dict(dataset=_base_._msmt17)
