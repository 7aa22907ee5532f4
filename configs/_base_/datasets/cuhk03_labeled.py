# Where CUHK03 lies; boxes drawn by hand, new protocol.
_cuhk03 = dict(type='CUHK03', data_root='data/cuhk03', boxes='labeled')
