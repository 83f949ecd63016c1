"""`python -m quantbot_engine`: alone the one-shot form, `worker` the long-lived one, `warm` fills the JIT cache."""

import sys


def main(arguments: list[str]) -> int:
    """Run the form that the arguments name; return the exit code."""
    match arguments:
        case []:
            from quantbot_engine.worker.one_shot import run_one_shot

            return run_one_shot()
        case ["worker"]:
            from quantbot_engine.worker.loop import run_worker

            return run_worker()
        case ["warm"]:
            from quantbot_engine.worker.warm import warm_kernels

            warm_kernels()
            return 0
        case _:
            sys.stderr.write("usage: python -m quantbot_engine [worker | warm]\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
