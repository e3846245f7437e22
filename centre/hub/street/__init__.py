"""PURE: street files of data.police.uk: read strictly, and profiled for the checks of quality."""
