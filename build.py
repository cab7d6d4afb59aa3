#!/usr/bin/env python3
"""Build script: coded records in, validated tables and descriptor out.

``python build.py`` writes, ``python build.py --check`` says whether what is there is current.
"""

import sys

try:
    from lossclaims.builder import main
except ModuleNotFoundError as error:
    sys.exit(f"build.py: {error.name} is not installed; in the checkout: pip install -e '.[build]'")

if __name__ == "__main__":
    sys.exit(main())
