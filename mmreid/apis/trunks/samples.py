"""Small members of timm's families: maps of all kinds, tokens with and without more."""

SAMPLES = (
    *('resnet10t', 'resnext26ts', 'legacy_seresnet18', 'skresnet18', 'resnest14d'),
    *('res2net50_14w_8s', 'resnetv2_18', 'regnety_002', 'dla34', 'dpn68'),
    *('densenet121', 'vgg11_bn', 'hrnet_w18_small', 'selecsls42', 'ese_vovnet19b_dw'),
    *('cspresnet50', 'botnet26t_256', 'nfnet_l0', 'inception_v3', 'xception41'),
    *('inception_next_atto', 'convnext_atto', 'convnextv2_atto', 'convmixer_768_32'),
    *('efficientnet_b0', 'efficientnetv2_rw_t', 'mixnet_s', 'mnasnet_050', 'lcnet_050'),
    *('mobilenetv2_050', 'mobilenetv3_small_050', 'mobilenetv4_conv_small'),
    *('ghostnet_050', 'repghostnet_050', 'rexnet_100', 'hgnetv2_b0', 'starnet_s1'),
    *('mobileone_s0', 'repvgg_a0', 'repvit_m0_9', 'fasternet_t0', 'shvit_s1'),
    *('mobilevit_xxs', 'mobilevitv2_050', 'edgenext_xx_small', 'fastvit_t8'),
    *('efficientvit_b0', 'efficientvit_m0', 'efficientformerv2_s0', 'swiftformer_xs'),
    *('nextvit_small', 'poolformerv2_s12', 'caformer_s18', 'coatnet_pico_rw_224'),
    *('maxvit_pico_rw_256', 'mambaout_femto', 'focalnet_tiny_srf', 'gcvit_xxtiny'),
    *('davit_tiny', 'pvt_v2_b0', 'twins_svt_small', 'tiny_vit_5m_224', 'iformer_t'),
    *('swin_tiny_patch4_window7_224', 'swinv2_tiny_window8_256', 'swinv2_cr_tiny_224'),
    *('visformer_tiny', 'levit_128s', 'coat_lite_tiny', 'pit_ti_224', 'hiera_tiny_224'),
    *('vit_tiny_patch16_224', 'deit_tiny_distilled_patch16_224', 'flexivit_small'),
    *('vit_small_patch16_dinov3', 'vit_small_patch14_reg4_dinov2'),
    *('vit_relpos_small_patch16_224', 'vitamin_small_224', 'eva02_tiny_patch14_224'),
    *('cait_xxs24_224', 'xcit_nano_12_p16_224', 'tnt_s_patch16_224', 'volo_d1_224'),
    *('mixer_s16_224', 'gmlp_ti16_224', 'resmlp_12_224', 'sequencer2d_s'),
    # Fixed squares, which pictures of persons are not.
    *('convit_tiny', 'crossvit_tiny_240', 'efficientformer_l1', 'mvitv2_tiny'),
    'nest_tiny',
)
