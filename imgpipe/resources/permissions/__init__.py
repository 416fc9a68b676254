"""The IAM actions that each verb of each resource type needs: one function a type.

The deployer's policy is a union over these, as the pipeline is a tuple of resources. The contract
of resources holds every type to them: no call without its action, no action without its call.
"""

from imgpipe.resources.permissions import alarms, delivery, domain, function, storage
from imgpipe.resources.permissions._of import Permissions, permissions

__all__ = [
    "Permissions",
    "alarms",
    "delivery",
    "domain",
    "function",
    "permissions",
    "storage",
]
