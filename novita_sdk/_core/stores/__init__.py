"""What every state store decides: keys and values, versions, leases with fences, the order of queues."""
