# Where MSMT17 lies, V1 or V2. For training on train+val, which some papers do:
# --cfg-options train_dataloader.dataset.split=train+val
_msmt17 = dict(type='MSMT17', data_root='data/msmt17')
