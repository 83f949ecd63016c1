"""How many random examples the property tests take: few by default, many with QUANTBOT_LONG=1."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("short", max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", max_examples=3000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("long" if os.environ.get("QUANTBOT_LONG") == "1" else "short")
