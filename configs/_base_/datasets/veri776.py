# Where VeRi-776 lies, pictures of vehicles.
_veri776 = dict(type='VeRi776', data_root='data/veri776')
