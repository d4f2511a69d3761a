"""Questions and answers of the PyPI package chatterbot-corpus (BSD), as JSON: pairs of a question
and the answers it has there. One line.

Usage: questions.py
"""

import json
from pathlib import Path

import chatterbot_corpus
import yaml

# What there is to know; the rest of the corpus is small talk.
SUBJECTS = ["coding", "computers", "health", "history", "literature", "science", "sports", "tech_support", "trivia"]


def main():
    folder = Path(chatterbot_corpus.__file__).parent / "data" / "english"
    pairs = []
    for subject in SUBJECTS:
        with open(folder / f"{subject}.yml", encoding="utf-8") as file:
            for question, *answers in yaml.safe_load(file)["conversations"]:
                pairs.append([str(question), [str(it) for it in answers]])
    print(json.dumps(pairs))


main()
