"""`python -m hotline` is the `hotline` program."""

from hotline.cli import main

if __name__ == "__main__":
    main()
