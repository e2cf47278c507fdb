"""Channels: prove that a webhook comes from the provider, put it in our words, and send. Knows no other room."""
