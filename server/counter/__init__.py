"""The counter's and clinic's screen: call the next number with one key."""
