"""One module an estimator: a function on plain arrays, and the adapter that the engine calls with a plan."""
