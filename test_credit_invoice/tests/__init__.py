from . import test_customising, test_host_alone, test_localisations
