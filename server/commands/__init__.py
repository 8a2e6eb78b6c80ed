"""The commands of ``tiepdon-server``, one module each."""
