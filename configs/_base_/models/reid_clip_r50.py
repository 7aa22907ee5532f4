# CLIP's ResNet-50, with the same losses on its pooled map.
_base_ = './reid_clip_vit_b.py'
model = dict(
    backbone=dict(
        _delete_=True,
        type='CLIPResNet',
        depth=50,
        img_size=(256, 128),
        init_cfg=dict(type='Pretrained', checkpoint='clip-trunk_r50'),
    ),
    head=dict(
        branches=dict(whole=dict(_delete_=True, pool=dict(type='GlobalPool'))),
    ),
)
