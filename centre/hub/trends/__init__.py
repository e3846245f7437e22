"""PURE: what is rising or falling in series of counts, by the methods that analysts of outbreaks and of crime know."""
