"""The e-mails that the product itself writes to people, all in one layout; whom they go to is for the apps to say."""
