"""A database as large as the product is made for, and how long its pages take there."""
