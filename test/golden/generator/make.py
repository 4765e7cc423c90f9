"""Makes the golden cases anew with the Keras that is installed.

    python3 test/golden/generator/make.py                writes those whose content changed
    python3 test/golden/generator/make.py --check        writes nothing; status 1 where one differs
    python3 test/golden/generator/make.py simple-rnn     one case alone; or several

Files that Keras 3 cannot write are kept; `--check` computes their numbers anew with their weights.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import absl.logging
import tensorflow

import array_cases  # noqa: F401  (adds its cases to WRITTEN)
import case_json
import difference
import state_file
from case import Case
from kept_cases import KEPT
from written_cases import WRITTEN


def write(case: Case, folder: Path) -> None:
    """Writes the model, its numbers and its state file, each as new."""
    contents = case_json.contents(case)
    (folder / "case.json").write_text(case_json.text(contents))
    model = case.model()
    if case.compiled:
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.save(folder / case.file)
    if case.has_state_file:
        state_file.write(folder, contents["state_file"])


def remake(case: Case, check: bool) -> list[str]:
    """Makes a case in a temporary folder and, unless it is a check, puts it in place where it differs."""
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary)
        write(case, made)
        differences = difference.of_files(case.folder, made)
        if differences and not check:
            shutil.rmtree(case.folder, ignore_errors=True)
            shutil.copytree(made, case.folder)
        return differences


def check_kept(case: Case) -> list[str]:
    found = json.loads(case_json.text(case_json.contents(case)))
    return difference.of_numbers(case_json.read(case.folder), found)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="cases; all where none is given")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    arguments = parser.parse_args()
    cases = {case.name: case for case in [*WRITTEN, *KEPT]}
    for name in arguments.names:
        if name not in cases:
            parser.error(f"there is no case {name}; there are {', '.join(sorted(cases))}")
    # Keras warns of the legacy format at each .h5, TensorFlow of each model that it compiles.
    absl.logging.set_verbosity(absl.logging.ERROR)
    tensorflow.get_logger().setLevel("ERROR")

    failed = False
    for name in sorted(arguments.names or cases):
        case = cases[name]
        if case.kept_because is not None and not arguments.check:
            print(f"{name}: kept, because it was {case.kept_because}", flush=True)
            continue
        differences = remake(case, arguments.check) if case.kept_because is None else check_kept(case)
        changed = "differs" if arguments.check else "written"
        print(f"{name}: {changed if differences else 'as it was'}", flush=True)
        for line in differences:
            print(f"  {line}", flush=True)
        failed = failed or (arguments.check and bool(differences))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
