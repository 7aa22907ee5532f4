# Vehicles: as wide as high, and patches rolled further.
_base_ = ['./transreid_vit-b_market.py', '../_base_/datasets/veri776.py']
from mmreid.engine import set_picture_size

set_picture_size(_base_, height=256, width=256)
model = dict(
    backbone=dict(
        stride=12,
        jigsaw=dict(shift=8),
        # The paper tells views, too, by labels that the data set does not come with.
        side_information=dict(num_cameras=20),
    )
)
optim_wrapper = dict(optimizer=dict(lr=0.01))
param_scheduler = [dict(_base_.param_scheduler[0], warmup_lr=1e-4, eta_min=2e-5)]
train_dataloader = val_dataloader = test_dataloader = dict(dataset=_base_._veri776)
