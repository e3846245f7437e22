"""Power, sample size and least detectable effect of every design of the registry: `answer` in, JSON out."""
