"""White-labels, their applications and sending domains, and the rule that routes mail."""
