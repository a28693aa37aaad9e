"""Shell. `python -m argus` is `argus`."""

from argus.cli.main import main

if __name__ == "__main__":
    main(prog_name="argus")
