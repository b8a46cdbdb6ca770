//! Instruction counts under callgrind, and their comparison with the committed baseline.
