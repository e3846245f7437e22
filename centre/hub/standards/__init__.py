"""How forces compare with each other and with what was agreed: funnel plots, and assurance against a target. Pure."""
