# What schemathesis cannot guess: the names of a job that is there, so that calls also meet their 2xx answers.
import os
import random

import schemathesis

JOBS = [name for name in os.environ.get("SCHEMA_JOBS", "").split(",") if name]
CHOICE = random.Random(7)


@schemathesis.hook
def before_call(context, case, kwargs):  # pylint: disable=unused-argument
    """Puts a real job into half of the valid calls outside of chains (those carry the names they were answered)."""
    meta = getattr(case, "meta", None)
    if meta is None or meta.generation.mode.value != "positive" or meta.phase.name.value == "stateful":
        return
    if JOBS and case.path_parameters and "job_id" in case.path_parameters and CHOICE.random() < 0.5:
        case.path_parameters["job_id"] = CHOICE.choice(JOBS)
