"""One engine for all long work.

The Run row in the database owns the state; Celery is only the doorbell. A worker claims a row by a
conditional update, holds it by a lease that a heartbeat extends, and may write only while its fence
number is the newest. What a Run computes is not known here: `execute` is given the work.
"""

from centre.runs.doorbell import ring
from centre.runs.engine import Cancelled, Context, LeaseLost, Work, execute
from centre.runs.requests import RunFinished, cancel, submit
from centre.runs.sweeper import sweep

__all__ = [
    "Cancelled",
    "Context",
    "LeaseLost",
    "RunFinished",
    "Work",
    "cancel",
    "execute",
    "ring",
    "submit",
    "sweep",
]
