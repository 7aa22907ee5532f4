# CLIP's image tower, ViT-B/16, with the strong baseline's losses on its class token.
model = dict(
    type='PersonReID',
    backbone=dict(
        type='CLIPVisionTransformer',
        arch='base',
        img_size=(256, 128),
        init_cfg=dict(type='Pretrained', checkpoint='clip-trunk_vit-b'),
    ),
    head=dict(
        type='MultiBranchHead',
        bn_neck=True,
        neck_bias=False,
        test='feat',
        id_loss=dict(type='mmpretrain.LabelSmoothLoss', label_smooth_val=0.1),
        metric_loss=dict(type='BatchHardTripletLoss', margin=0.3),
        branches=dict(whole=dict(in_index=1, pool=dict(type='GlobalPool'))),
    ),
)
