from . import files_connector
