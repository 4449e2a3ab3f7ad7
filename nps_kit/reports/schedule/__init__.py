"""What is due is done, once: the ledger, the locks, the jobs and the runner."""
