"""The check of a server and the test e-mail: asked for on a page, run by a worker, explained in plain words."""
