"""Webhooks: what is new in the library is sent to addresses that people gave, as signed messages (docs/webhooks.md)."""
