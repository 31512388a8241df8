"""`python -m caveat` is the command line."""

from caveat.show.cli import main

if __name__ == "__main__":
    main()
