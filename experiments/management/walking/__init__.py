"""A real panel taken the whole way, by one person for each role: what `manage.py walk` does."""
