"""``python -m vrijgave.cli``."""

import sys

from vrijgave.cli import main

sys.exit(main())
