# CLIP's ResNet-50, with the strong baseline's losses on its pooled map.
model = dict(
    type='PersonReID',
    backbone=dict(
        type='CLIPResNet',
        depth=50,
        img_size=(256, 128),
        init_cfg=dict(type='Pretrained', checkpoint='clip-trunk_r50'),
    ),
    head=dict(
        type='MultiBranchHead',
        bn_neck=True,
        neck_bias=False,
        test='feat',
        id_loss=dict(type='mmpretrain.LabelSmoothLoss', label_smooth_val=0.1),
        metric_loss=dict(type='BatchHardTripletLoss', margin=0.3),
        branches=dict(whole=dict(pool=dict(type='GlobalPool'))),
    ),
)
