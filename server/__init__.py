"""The central record: one record per citizen, the day's visits, queues and tickets."""
