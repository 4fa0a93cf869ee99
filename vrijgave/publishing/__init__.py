"""Publishing: one protocol for every platform, and the ledger that makes each publication happen exactly once."""
