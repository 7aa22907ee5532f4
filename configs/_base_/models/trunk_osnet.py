# OSNet with ImageNet's weights, as torchreid fetches them, which a head in another file
# is put on.
_osnet = dict(
    type='OSNet',
    init_cfg=dict(
        type='Pretrained',
        checkpoint='https://drive.google.com/uc?id=1LaG1EJpHrxdAxKnSCJ_i0u-nbxSAeiFY',
    ),
)
