"""What people do in the hub: each one transaction and one audit event."""
