"""The difference of two scores: arrays of counts in, arrays of bounds and p-values out."""
