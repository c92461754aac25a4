from . import base_module_uninstall, credit_link_wizard
