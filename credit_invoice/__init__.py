from . import models, report, tools, wizards
from .hooks import pre_init_hook
