"""The training: exercises that make a number felt, and what trainers write themselves."""
