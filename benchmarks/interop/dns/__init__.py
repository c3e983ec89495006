"""The DNS part of the lab: real name servers and a real resolver, and what the product says of the zones they serve."""
