"""Makes the benchmarks of speed importable."""

from __future__ import annotations

import sys
from pathlib import Path

_BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path += [str(_BENCHMARKS), str(_BENCHMARKS / "perf")]
