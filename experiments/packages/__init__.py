"""What a researcher downloads of a release, and how its numbers are computed again. Pure: no Django.

`building` makes the files; `again` and `comparing` compute anew and compare, here and in the package's own script.
"""
