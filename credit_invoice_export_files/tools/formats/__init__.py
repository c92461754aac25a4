"""The files that a batch can be written as. Each module is one format, without the ORM.

A format is a module with

- `NAME`, for people, `EXTENSION` and `MIMETYPE` of its file, and `TAKES_PAYMENTS` if it does,
- `write(documents, options)`: the bytes of a batch, the same for the same documents on every
  machine; it raises `ExportRefused`, with one sentence for people, for what it cannot carry,
- optionally `takes_account(code)` and `takes_tax(tax)`: whether a code, or a `Tax`, can be written
  as it is, so that all that have to be mapped are told at once,
- optionally `get_extension(documents)`, where that depends on what is in it,
- optionally `read(content)`: what stands in such a file, as a list of `Found`.

`options` is a dictionary; a format takes from it what it knows: `currency`, that of the books over
there, and `day_first`, whether their dates begin with the day.
"""

from . import beancount, iif, myob, ubl

FORMATS = {'ubl': ubl, 'beancount': beancount, 'iif': iif, 'myob': myob}
