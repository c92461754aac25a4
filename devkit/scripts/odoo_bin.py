"""Start the host. It starts further processes from this file: ``-m odoo`` cannot do that."""

from odoo.cli.command import main

if __name__ == '__main__':
    main()
