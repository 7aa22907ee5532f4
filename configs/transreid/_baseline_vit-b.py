# TransReID's baseline: the class token of a ViT-B/16, tested before the BN neck.
_base_ = '../_base_/models/reid_vit_b.py'
model = dict(
    head=dict(
        neck_bias=False,
        test='feat',
        normalize='whole',
        id_loss=dict(_delete_=True, type='mmpretrain.CrossEntropyLoss'),
        metric_loss=dict(margin='soft'),
    ),
)
