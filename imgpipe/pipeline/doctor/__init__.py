"""Everything that must hold for pictures to arrive, and for nobody else to get in: looked at."""

from imgpipe.pipeline.doctor.examination import PROBES, examine
from imgpipe.pipeline.doctor.probe import Finding, Probe, Verdict

__all__ = ["PROBES", "Finding", "Probe", "Verdict", "examine"]
