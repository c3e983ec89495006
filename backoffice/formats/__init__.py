"""How dates are written, for Django's FORMAT_MODULE_PATH."""
