from . import test_tryton_system, test_tryton_tools
