_base_ = '../../../configs/bot/bot_r18_synthmini.py'
custom_imports = dict(imports=['projects.example_project.horizontal_pyramid_pool'])
model = dict(
    head=dict(
        branches=dict(
            _delete_=True,
            pyramid=dict(
                pool=dict(type='HorizontalPyramidPool', scales=(1, 2, 4)),
                channels=128,
                part_reduction='mean',
            ),
        )
    )
)
