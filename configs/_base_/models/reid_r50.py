# The strong baseline's network; methods change the plugins and the branches.
model = dict(
    type='PersonReID',
    backbone=dict(
        type='PluginResNet',
        depth=50,
        strides=(1, 2, 2, 1),  # keeps the last map at 1/16
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50'),
    ),
    head=dict(
        type='MultiBranchHead',
        bn_neck=True,
        test='bn_feat',
        id_loss=dict(type='mmpretrain.LabelSmoothLoss', label_smooth_val=0.1),
        metric_loss=dict(type='BatchHardTripletLoss', margin=0.3),
        branches=dict(whole=dict(pool=dict(type='GlobalPool', mode='avg'))),
    ),
)
