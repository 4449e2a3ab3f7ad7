"""Small table in, small table out: the arithmetic, and nothing else."""
