"""A notebook and its parameters to a delivered report."""
