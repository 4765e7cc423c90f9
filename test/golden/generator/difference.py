"""Where a case that was made anew differs in content from the one in the repository.

The bytes always differ: Keras puts the time and the addresses of objects into its files.
"""

import io
import json
import zipfile
from pathlib import Path

import h5py
import numpy as np

import case_json

# What depends on the processor; `_imprecise` judges it.
MEASURED = {"measured", "tolerance", "state_tolerance"}
# What a twin in Keras 3 can compute for a file that something else wrote.
COMPUTED = (
    "parameters",
    "output_sizes",
    "continuous",
    "sequence",
    "sliding",
    "state_file",
    "stateful_predict",
)
# Words, and names of layers, which a twin has of its own.
WORDS = {"about", "layer_index"}
# A weight is drawn or copied, and a state is computed.
ARRAY_TOLERANCE = 1e-5


def of_files(folder: Path, made: Path) -> list[str]:
    """One line for each difference between two folders."""
    names = sorted(file.name for file in made.iterdir())
    if not folder.is_dir():
        return ["it is new"]
    if names != sorted(file.name for file in folder.iterdir()):
        return [f"the files are not {', '.join(names)}"]
    models = [name for name in names if name != "case.json"]
    changed = [name for name in models if not _same(_content(folder / name), _content(made / name))]
    committed, found = case_json.read(folder), case_json.read(made)
    differences = _between(_described(committed), _described(found), "case.json", committed)
    return [f"{name} has another content" for name in changed] + differences + _imprecise(committed, found)


def of_numbers(committed: dict, found: dict) -> list[str]:
    """The same for what can be computed again of a case whose file is kept."""
    some, other = _computed(committed), _computed(found)
    return _between(some, other, "case.json", committed) + _imprecise(committed, found)


def _described(contents: dict) -> dict:
    return {key: value for key, value in contents.items() if key not in MEASURED}


def _computed(contents: dict) -> dict:
    found = {key: contents[key] for key in COMPUTED if key in contents}
    for key, value in found.items():
        if isinstance(value, dict):
            found[key] = {name: part for name, part in value.items() if name not in WORDS}
    return found


def _imprecise(committed: dict, found: dict) -> list[str]:
    """Whether a tolerance leaves no room over the distance of Keras' own float32 from float64."""
    differences = []
    for key, distance in (("tolerance", "float32_vs_float64"), ("state_tolerance", "states")):
        measured = found.get("measured", {}).get(distance, 0)
        if committed.get(key, np.inf) < 2 * measured:
            differences.append(f"{key} is {committed[key]}, and float32 is {measured} from float64")
    return differences


def _between(some, other, place: str, committed: dict) -> list[str]:
    """Outputs and states may differ by the tolerances of the committed case, all else not at all."""
    if isinstance(some, dict) and isinstance(other, dict):
        differences = [f"{place}: {key} is missing or new" for key in sorted(some.keys() ^ other.keys())]
        for key in some.keys() & other.keys():
            differences += _between(some[key], other[key], f"{place}: {key}", committed)
        return differences
    key = place.rpartition(" ")[2]
    if " states: " in place:
        return _beyond(some, other, place, committed["state_tolerance"])
    if key.startswith("outputs"):
        return _beyond(some, other, place, committed["tolerance"])
    return [] if some == other else [f"{place} is not the same"]


def _beyond(some, other, place: str, tolerance: float) -> list[str]:
    expected, found = np.array(some, dtype=np.float64), np.array(other, dtype=np.float64)
    if expected.shape != found.shape:
        return [f"{place} has shape {expected.shape}, and now {found.shape}"]
    distance = float(np.abs(expected - found).max())
    if distance > tolerance:
        return [f"{place} is {distance:.1e} away, with a tolerance of {tolerance}"]
    return []


def _content(file: Path) -> dict:
    """What a file holds, by name: JSON without what changes in every run, and arrays."""
    if not zipfile.is_zipfile(file):
        return _hdf5_content(file)
    with zipfile.ZipFile(file) as archive:
        version = json.loads(archive.read("metadata.json"))["keras_version"]
        weights = _hdf5_content(io.BytesIO(archive.read("model.weights.h5")))
        return {"version": version, "config": _steady(json.loads(archive.read("config.json")))} | weights


def _hdf5_content(file: Path | io.BytesIO) -> dict:
    with h5py.File(file) as root:
        content = {
            key: _steady(json.loads(value)) if key.endswith("_config") else str(value)
            for key, value in root.attrs.items()
        }

        def add(name: str, item: h5py.Dataset | h5py.Group) -> None:
            if isinstance(item, h5py.Dataset):
                content[f"/{name}"] = item[...]

        root.visititems(add)
    return content


def _steady(value):
    """JSON without addresses of objects and without Python's byte code, which is another in each version."""
    if isinstance(value, dict):
        return {key: _steady(part) for key, part in value.items() if key not in ("shared_object_id", "code")}
    return [_steady(part) for part in value] if isinstance(value, list) else value


def _same(some: dict, other: dict) -> bool:
    return some.keys() == other.keys() and all(_equal(some[key], other[key]) for key in some)


def _equal(some, other) -> bool:
    if isinstance(some, np.ndarray):
        if some.dtype.kind == "V":
            # h5py knows no bfloat16, and has its bytes alone.
            return some.dtype == other.dtype and some.tobytes() == other.tobytes()
        return some.shape == other.shape and np.allclose(some, other, rtol=0, atol=ARRAY_TOLERANCE)
    return some == other
