"""What mmreid takes from mmpretrain and mmcv, with the torch and NumPy installed."""

import cv2
import mmcv
import numpy as np
import torch
from borrowed import contract
from mmcv.cnn import NonLocal2d
from mmcv.cnn.bricks import ContextBlock
from mmcv.image.io import imread_flags
from mmcv.transforms import LoadImageFromFile, RandomFlip
from mmpretrain import registry
from mmpretrain.datasets.transforms import PackInputs, RandomCrop, RandomErasing
from mmpretrain.models import ClsDataPreprocessor, ImageClassifier
from mmpretrain.models.backbones.resnet import BasicBlock, Bottleneck, ResNet
from mmpretrain.models.backbones.swin_transformer import SwinTransformer
from mmpretrain.models.backbones.vision_transformer import PatchEmbed, VisionTransformer
from mmpretrain.models.necks import GeneralizedMeanPooling
from mmpretrain.models.utils import WindowMSA
from mmpretrain.structures import DataSample

PICTURE = np.arange(12 * 6 * 3, dtype=np.uint8).reshape(12, 6, 3)


@contract('mmcv')
def test_pictures_are_decoded(tmp_path):
    content = cv2.imencode('.png', PICTURE)[1].tobytes()
    for backend in ('cv2', 'pillow'):
        found = mmcv.imfrombytes(content, flag='color', backend=backend)
        assert np.array_equal(found, PICTURE)


@contract('mmcv.image')
def test_flags_are_those_of_opencv():
    assert imread_flags['color'] == cv2.IMREAD_COLOR
    assert imread_flags['unchanged'] == cv2.IMREAD_UNCHANGED


@contract('mmcv.transforms')
def test_pictures_are_loaded_and_mirrored(tmp_path):
    cv2.imwrite(str(tmp_path / 'a.png'), PICTURE)
    loaded = LoadImageFromFile()(dict(img_path=str(tmp_path / 'a.png')))
    mirrored = RandomFlip(prob=1.0)(loaded)
    assert np.array_equal(mirrored['img'], PICTURE[:, ::-1])


@contract('mmcv.cnn')
def test_blocks_of_attention_keep_the_shape():
    maps = torch.randn(2, 16, 4, 3, requires_grad=True)
    for block in (NonLocal2d(16), ContextBlock(16, ratio=1 / 4)):
        block(maps).sum().backward()
        assert block(maps).shape == maps.shape


@contract('mmpretrain.datasets')
def test_pictures_are_cut_erased_and_packed():
    results = dict(img=PICTURE.copy(), gt_label=1, img_shape=(12, 6))
    results = RandomCrop((12, 6), padding=2)(results)
    erased = RandomErasing(erase_prob=1.0)(results)
    packed = PackInputs(meta_keys=())(erased)
    assert packed['inputs'].shape == (3, 12, 6)
    assert packed['data_samples'].gt_label.tolist() == [1]


@contract('mmpretrain.models')
def test_residual_networks_give_a_map_of_each_stage():
    for depth, block, width in ((18, BasicBlock, 256), (50, Bottleneck, 1024)):
        network = ResNet(depth, out_indices=(2, 3), strides=(1, 2, 2, 1))
        network.eval()
        assert type(network.layer4[0]) is block
        with torch.no_grad():
            maps = network(torch.zeros(1, 3, 32, 16))
        assert maps[0].shape == (1, width, 2, 1)
        assert maps[1].shape == (1, 2 * width, 2, 1)


@contract('mmpretrain.models')
def test_transformers_attend():
    arch = dict(embed_dims=8, num_layers=1, num_heads=2, feedforward_channels=8)
    seen = VisionTransformer(arch, img_size=32, patch_size=16)(
        torch.zeros(1, 3, 32, 32)
    )
    assert seen[0].shape == (1, 8)
    arch = dict(embed_dims=8, depths=(1, 1), num_heads=(1, 2))
    swin = SwinTransformer(arch, img_size=56, out_indices=(0, 1))
    assert swin(torch.zeros(1, 3, 56, 56))[-1].shape == (1, 16, 7, 7)
    attention = WindowMSA(8, (2, 2), num_heads=2)
    assert attention(torch.zeros(3, 4, 8)).shape == (3, 4, 8)
    tokens, size = PatchEmbed(embed_dims=8, kernel_size=2, stride=2)(
        torch.zeros(1, 3, 4, 4)
    )
    assert (tuple(tokens.shape), size) == ((1, 4, 8), (2, 2))


@contract('mmpretrain.models')
def test_a_network_of_parts_reads_normalised_pictures():
    model = ImageClassifier(
        backbone=dict(type='mmpretrain.ResNet', depth=18),
        neck=dict(type='mmpretrain.GeneralizedMeanPooling'),
        head=dict(
            type='mmpretrain.LinearClsHead',
            num_classes=2,
            in_channels=512,
            loss=dict(type='mmpretrain.CrossEntropyLoss'),
        ),
        data_preprocessor=dict(
            type='mmpretrain.ClsDataPreprocessor',
            mean=[0, 0, 0],
            std=[2, 2, 2],
            to_rgb=True,
        ),
    ).eval()
    assert isinstance(model.data_preprocessor, ClsDataPreprocessor)
    assert isinstance(model.neck, GeneralizedMeanPooling)
    pictures = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
    pictures[:, 0] = 8
    inputs = model.data_preprocessor(dict(inputs=pictures))['inputs']
    assert inputs[0, :, 0, 0].tolist() == [0, 0, 4]
    with torch.no_grad():
        assert model.extract_feat(inputs)[0].shape == (1, 512)


@contract('mmpretrain.structures')
def test_samples_carry_labels():
    sample = DataSample(metainfo=dict(camera=3)).set_gt_label(2)
    sample.embedding = torch.ones(2)
    assert (sample.camera, sample.gt_label.item()) == (3, 2)
    assert sample.to_dict()['embedding'].tolist() == [1, 1]


@contract('mmpretrain')
def test_its_types_are_found_by_their_prefix():
    loss = registry.MODELS.build(
        dict(type='mmpretrain.LabelSmoothLoss', label_smooth_val=0.1)
    )
    assert loss(torch.zeros(2, 4), torch.tensor([0, 1])) > 0
