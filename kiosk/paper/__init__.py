"""What is printed: how a slip looks, and how sure it is that it came out."""
