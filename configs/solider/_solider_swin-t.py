# SOLIDER: the average of the last map, tested before the BN neck; semantic weight 0.2.
# The pre-trained trunk is converted beforehand, see README.md.
_base_ = '../_base_/models/reid_swin_t.py'
model = dict(
    backbone=dict(
        semantic_weight=0.2,
        init_cfg=dict(type='Pretrained', checkpoint='pretrained/solider_swin_t.pth'),
    ),
    head=dict(
        neck_bias=False,
        test='feat',
        normalize='whole',
        id_loss=dict(_delete_=True, type='mmpretrain.CrossEntropyLoss'),
        metric_loss=dict(margin='soft'),
    ),
)
