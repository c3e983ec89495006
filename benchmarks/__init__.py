"""What the product carries beside its peers, and what it loses when everything around it breaks: measured, not said."""
