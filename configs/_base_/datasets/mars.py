# Where MARS lies: bbox_train, bbox_test and info.
_mars = dict(type='MARS', data_root='data/mars')
