"""Measurements, each started as `python -m bench.NAME`; the results stand in RESULTS.md.

They and the programs that they start talk to no index: what they need of one is a file, given by an option.
"""

import os

os.environ["NAMEHOLD_OFFLINE"] = "1"
