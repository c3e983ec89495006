"""`python -m backoffice.development`: what `bin/dev` becomes once .venv is ready."""

import sys

from backoffice.development.stack import main

sys.exit(main(sys.argv[1:]))
