"""What the auditor sees of the audit log: who did what to which record, and whether anybody tampered with it."""
