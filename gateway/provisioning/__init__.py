"""Provisioning: people, white-labels and applications by the platform's own ids (`ref`), one or a whole list at once.

    by = Author(person=None, who="manage.py import")
    lists = {Kind.PEOPLE: [Item("u-1", {"email": "alice@acme.example", "name": "Alice"})],
             Kind.WHITE_LABELS: [Item("w-1", {"name": "Acme", "admins": ["u-1"]})],
             Kind.APPLICATIONS: [Item("a-1", {"name": "Shop", "owner": "u-1", "white_label": "w-1"})]}
    outcome = preview(lists)            # changes nothing
    outcome = synchronize(lists, by)    # all or nothing; raises `Refused` with what is wrong with which item
    row, changed = put(Kind.PEOPLE, Item("u-1", {"name": "Alice B."}), by)
    row = archive(Kind.APPLICATIONS, "a-1", by)   # None: there is nothing of this reference

A field that is left out stays as it is; of a new row it has its default. Others are named by their references, of the
database or of the same lists. A person without a reference is taken by the e-mail address, a white-label by its name.
Giving an archived reference restores it. The rules are those of the models, which the consoles' forms ask too.
"""
