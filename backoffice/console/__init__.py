"""What both consoles are made of: site, lists, menus, brand."""
