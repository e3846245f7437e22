"""Real tactics with what published reviews and studies say of them, for the library to begin with.

The descriptions are this project's own words and claim no result. What the sources say is in `evidence`: only what was
confirmed in the named source, in no rating and in no pooled number.
"""
