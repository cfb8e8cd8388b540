"""What a command's exit code says."""

OK, PROBLEMS, WRONG_USAGE = 0, 1, 2
