"""The sample programme: simulated trials of simulated tactics in invented forces, walked through the real actions.

It exists only in the embedded default. Nothing in it is evidence about any real force or practice.
"""
