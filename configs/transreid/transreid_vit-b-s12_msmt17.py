_base_ = ['./transreid_vit-b-s12_market.py', '../_base_/datasets/msmt17.py']
model = dict(backbone=dict(side_information=dict(num_cameras=15)))
train_dataloader = dict(dataset=dict(split='train+val', **_base_._msmt17))
val_dataloader = test_dataloader = dict(dataset=_base_._msmt17)
