"""Speed, measured: the real server over HTTP next to our own yardsticks, in turn, in the same run; ratios only."""
