"""What is tried with each server: a scenario is a function, and the tables say which there are."""
