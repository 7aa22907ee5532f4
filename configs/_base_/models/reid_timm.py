# The strong baseline on any network of timm. Nothing is fetched: for the weights that
# timm publishes, model.backbone.pretrained=True, or a file by model.backbone.init_cfg.
_base_ = './reid_r50.py'
model = dict(
    backbone=dict(
        _delete_=True,
        type='TimmBackbone',
        model_name='convnext_tiny',  # one of timm.list_models()
        img_size=(256, 128),
    ),
)
