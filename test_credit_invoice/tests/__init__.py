from . import test_books_connector, test_customising, test_host_alone, test_localisations
