"""The generator of numbers that tests/attribution/golden.ts repeats."""
import numpy as np


def uniform(seed, count):
    """`count` numbers in [-1, 1) of a 32-bit linear congruential generator."""
    state = (seed * 2654435761 + 12345) % 2**32
    values = np.empty(count)
    for i in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        values[i] = state / 2**31 - 1
    return values
