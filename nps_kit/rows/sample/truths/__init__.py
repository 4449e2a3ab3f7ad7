"""What is planted, and what a perfect large analysis of those who answer would find."""
