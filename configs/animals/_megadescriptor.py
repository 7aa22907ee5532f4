# MegaDescriptor: the pooled map of a Swin, and ArcFace on it.
model = dict(
    type='PersonReID',
    backbone=dict(
        type='TimmBackbone',
        model_name='swin_large_patch4_window12_384',
        img_size=(384, 384),
    ),
    head=dict(
        type='MultiBranchHead',
        test='feat',
        classifier=dict(type='CosineClassifier'),
        id_loss=dict(type='ArcFaceLoss', scale=64, margin=0.5),
        branches=dict(whole=dict(pool=dict(type='GlobalPool', mode='avg'))),
    ),
)
