"""Telling other systems what happened here: written in the transaction that did it, sent later, never lost."""
