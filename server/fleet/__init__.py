"""The kiosks: who they are, whether they may speak, and who asks for help at them."""
