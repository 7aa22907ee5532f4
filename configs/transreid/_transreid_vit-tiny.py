# TransReID on a ViT-tiny of six layers, from random weights.
_base_ = './_transreid_vit-b.py'
model = dict(
    backbone=dict(
        arch=dict(
            _delete_=True,
            embed_dims=192,
            num_layers=6,
            num_heads=3,
            feedforward_channels=768,
        ),
        img_size=(192, 96),
        init_cfg=None,
    ),
)
