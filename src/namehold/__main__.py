"""`python -m namehold`."""

from namehold.cli import main

if __name__ == "__main__":
    main()
