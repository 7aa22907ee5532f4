_base_ = ['./transreid-baseline_vit-b_market.py', '../_base_/datasets/occluded_duke.py']
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=_base_._occluded_duke
)
