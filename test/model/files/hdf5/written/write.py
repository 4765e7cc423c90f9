"""Writes the files beside it: python3 write.py, with Keras 3 and h5py."""

from pathlib import Path

import h5py
import numpy as np

FOLDER = Path(__file__).parent
TYPES = ["f2", "f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]


def numbers(path):
    """Every type of number in both orders of bytes, single values, and bfloat16 as Keras has it."""
    with h5py.File(path, "w") as file:
        for order in ["<", ">"]:
            for name in TYPES:
                data = np.array([[0, 1, 2], [3, 100, 5]], dtype=order + name)
                file.create_dataset(f"{'little' if order == '<' else 'big'}/{name}", data=data)
        file.create_dataset("single", data=np.float32(3))
        file.create_dataset("special", data=np.array([np.inf, -np.inf, np.nan, -0.0, 6e-8], "f2"))
        bfloat16 = file.create_dataset("bfloat16", data=np.array([0x3F80, 0xC000], dtype="u2"))
        bfloat16.attrs["dtype"] = "bfloat16"


def texts(path):
    """Attributes of texts in every form that h5py gives them, among others."""
    with h5py.File(path, "w") as file:
        file.attrs["text"] = "größe €"
        file.attrs["long"] = "x" * 5_000
        file.attrs["list"] = ["a", "bc", "ä"]
        file.attrs["table"] = np.array([["a", "b"], ["c", "d"]], dtype=h5py.string_dtype())
        file.attrs["ascii"] = np.array(["q", "r"], dtype=h5py.string_dtype("ascii"))
        file.attrs["fixed"] = np.bytes_("fixed")
        file.attrs["padded"] = np.array([b"ab", b"abcd"], "S4")
        file.attrs["utf8"] = np.array("äö".encode(), dtype=h5py.string_dtype("utf-8", 10))
        file.attrs["whole"] = 1
        file.attrs["real"] = 2.5
        file.attrs["truth"] = True
        file.attrs["none"] = []


def newest(path):
    """The newest form of every structure, with order of creation."""
    with h5py.File(path, "w", libver="latest", track_order=True) as file:
        group = file.create_group("layers/lstm/cell/vars")
        group.attrs["name"] = "lstm"
        group.attrs["unit"] = "m/s²"
        for i in range(6):
            group.create_dataset(str(i), data=np.arange(i + 1, dtype="f4"))


def many(path):
    """A group of so many members that its B-tree has two levels."""
    with h5py.File(path, "w") as file:
        for i in range(280):
            file.create_dataset(f"member{i}", data=np.int8(i % 100))


def weights(path):
    """Weights without a model, from Keras."""
    import keras

    model = keras.Sequential([keras.Input((4, 2)), keras.layers.LSTM(3), keras.layers.Dense(1)])
    model.save_weights(path)


def filters(path):
    """The same numbers through each filter that HDF5 has itself."""
    data = np.arange(64, dtype="f4").reshape(8, 8)
    whole = {"data": data, "chunks": (8, 8)}
    with h5py.File(path, "w") as file:
        file.create_dataset("gzip", compression="gzip", shuffle=True, **whole)
        file.create_dataset("fletcher32", fletcher32=True, **whole)
        file.create_dataset("szip", compression="szip", compression_opts=("nn", 8), **whole)
        file.create_dataset("scaleoffset", scaleoffset=0, **whole)


def lzf(path):
    """A filter that h5py brings along, and HDF5 has not."""
    with h5py.File(path, "w") as file:
        data = np.arange(64, dtype="f4").reshape(8, 8)
        file.create_dataset("model_weights/kernel", data=data, compression="lzf")


if __name__ == "__main__":
    filters(FOLDER.parent / "filters/own.h5")
    lzf(FOLDER.parent / "filters/lzf.h5")
    numbers(FOLDER / "numbers.h5")
    texts(FOLDER / "texts.h5")
    newest(FOLDER / "newest.h5")
    many(FOLDER / "many.h5")
    weights(FOLDER / "keras.weights.h5")
