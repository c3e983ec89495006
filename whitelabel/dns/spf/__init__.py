"""SPF (RFC 7208): read records, judge mails by them, measure them, and merge what a provider asks for."""
