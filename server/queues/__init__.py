"""Queues and the numbers in them."""
