"""The life of a sending domain: requested, answered, checked, told of, ended."""
