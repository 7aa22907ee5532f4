_base_ = ['./transreid_vit-b_market.py', '../_base_/datasets/occluded_duke.py']
model = dict(backbone=dict(stride=11, side_information=dict(num_cameras=8)))
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=_base_._occluded_duke
)
