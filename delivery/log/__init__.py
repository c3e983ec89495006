"""The delivery log as it is read: in pages by keyset, filtered and searched through indexes."""
