"""What `manage.py check --deploy` knows of this product's own dangers."""
