# The strong baseline's head on the map of a Swin-T. Nothing is fetched: weights of
# Microsoft's, timm's or mmpretrain's names are given by model.backbone.init_cfg.
_base_ = './reid_r50.py'
model = dict(
    backbone=dict(
        _delete_=True, type='SwinTransformer', arch='tiny', drop_path_rate=0.1
    ),
)
