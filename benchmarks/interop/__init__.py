"""The interoperability lab: real mail servers that are fetched, started on loopback, and sent to by the product."""
