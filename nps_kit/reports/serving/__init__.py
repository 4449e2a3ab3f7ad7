"""A notebook with controls, served to a browser without its code, from this machine."""
