from . import models, seen, wizards
