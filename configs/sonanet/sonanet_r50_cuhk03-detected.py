_base_ = ['./sonanet_r50_market.py', '../_base_/datasets/_cuhk03_detected.py']
model = dict(head=dict(num_classes=767))
train_dataloader = dict(dataset=_base_._cuhk03)
val_dataloader = dict(dataset=_base_._cuhk03)
test_dataloader = val_dataloader
