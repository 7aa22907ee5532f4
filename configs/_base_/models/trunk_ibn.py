# IBN-a trunks of ImageNet, by the authors of IBN-Net; options for a backbone.
_published = 'https://github.com/XingangPan/IBN-Net/releases/download/v1.0/'
_r50_ibn = dict(
    ibn='a', init_cfg=dict(checkpoint=f'{_published}resnet50_ibn_a-d9d0bb7b.pth')
)
_r101_ibn = dict(
    depth=101,
    ibn='a',
    init_cfg=dict(checkpoint=f'{_published}resnet101_ibn_a-59ea0ac6.pth'),
)
