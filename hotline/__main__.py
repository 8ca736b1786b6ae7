"""`python -m hotline` is the `hotline` program."""

from __future__ import annotations

import gc
import signal


def main() -> None:
    """Entry point of the program."""
    # Loading makes no garbage, and looking for it costs a tenth of a short command; `terminal.run` enables it again.
    gc.disable()
    heard = signal.getsignal(signal.SIGINT)
    if heard is signal.default_int_handler:
        # A second or more of loading, with nothing to clean up: Ctrl-C ends it without a trace.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from hotline.cli.main import main as run

    signal.signal(signal.SIGINT, heard)
    run()


if __name__ == "__main__":
    main()
