# MiewID: GeM, a BN neck that is tested, ArcFace with two centres of each class.
model = dict(
    type='PersonReID',
    backbone=dict(
        type='TimmBackbone', model_name='efficientnetv2_rw_m', img_size=(440, 440)
    ),
    head=dict(
        type='MultiBranchHead',
        bn_neck=True,
        test='bn_feat',
        classifier=dict(type='CosineClassifier', num_centers=2),
        # The largest of the authors' margins, which decrease with a class's pictures:
        # a list has one for each class.
        id_loss=dict(type='ArcFaceLoss', scale=49.33, margin=0.328),
        branches=dict(whole=dict(pool=dict(type='GlobalPool', mode='gem'))),
    ),
)
