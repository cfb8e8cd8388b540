"""Every fault by its name, in the order of the categories."""

from collections.abc import Mapping

from mockserver.faults import args_schema
from mockserver.faults.fault import Fault
from mockserver.faults.register import by_name

CATALOGUE: Mapping[str, Fault] = by_name(args_schema.entry)
