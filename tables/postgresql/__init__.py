"""PostgreSQL as Django's backend, with the product's checks of columns."""
