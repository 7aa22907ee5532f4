# Where DukeMTMC-reID lies.
duke = dict(type='DukeMTMCReID', data_root='data/dukemtmc-reid')
