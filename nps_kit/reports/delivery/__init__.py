"""A report that lies in its folder, to those who read it: the message and the mail server."""
