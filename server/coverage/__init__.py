"""Health insurance of one visit: what the rules make of it, and the papers staff were shown."""
