"""`make model`: refuse in one line without the labelled data or the training libraries, else train."""

import importlib.util
import sys

from line_model import data


def main(arguments: list[str]) -> int:
    """Run; return the exit code."""
    try:
        data.bench()
    except FileNotFoundError as error:
        print(f"make model: {error}", file=sys.stderr)
        return 1
    if "--check" in arguments:
        return 0
    missing = [name for name in ("catboost", "sklearn", "scipy", "torch") if importlib.util.find_spec(name) is None]
    if missing:
        print(f"make model: needs {', '.join(missing)}: pip install -r requirements-model.lock", file=sys.stderr)
        return 1
    from line_model import train

    train.run(finish_only="--finish" in arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
