"""The simulated cloud: a pure state machine, one module per resource."""

from novita_sdk.testing.cloud.cloud import Answer, BillingResource, Cloud
from novita_sdk.testing.cloud.records import Utilisation
from novita_sdk.testing.cloud.settings import Limits, Quirks, Timings

__all__ = ["Answer", "BillingResource", "Cloud", "Limits", "Quirks", "Timings", "Utilisation"]
