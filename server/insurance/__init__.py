"""Health insurance (BHYT): asking the insurance gateway about a card, and what its answer changes for a visit."""
