"""Signing in: allauth's adapter and forms, second factors."""
