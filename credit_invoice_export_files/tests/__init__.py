from . import test_export_batch, test_export_files, test_export_files_views
