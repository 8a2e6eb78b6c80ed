"""The reception desk: who has arrived, how sure we are of them, what needs a person."""
