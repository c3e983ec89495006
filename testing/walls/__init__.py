"""The walls between tenants: what every address of the project answers to whom."""
