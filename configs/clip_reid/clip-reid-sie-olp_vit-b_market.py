# With the camera in the class token (SIE) and overlapping patches (OLP).
_base_ = './clip-reid_vit-b_market.py'
_cameras = dict(num_cameras=6, scale=1.0)
model = dict(backbone=dict(stride=12, side_information=_cameras))
