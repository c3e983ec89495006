"""What people decide about their own roles in white-labels: accept or decline an invitation, leave."""
