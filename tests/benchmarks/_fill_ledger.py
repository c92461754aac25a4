"""Run in the host's shell: make a ledger of $MOVES documents."""
# ruff: noqa: F821 `env` is the shell's

import os
import sys

sys.path.insert(0, os.environ['BENCHMARKS'])

from _ledger import make_ledger

make_ledger(env, int(os.environ['MOVES']), lines=2)
