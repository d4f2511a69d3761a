"""usage: sdk.py ORIGIN FLOW. Asks by the PyPI package flowise, as its documentation shows it."""
import json
import sys

from flowise import Flowise, PredictionData

ORIGIN, FLOW = sys.argv[1:]
QUESTION = "What is the capital of France?"


def passed(text):
    print(f"ok   {text}", flush=True)


def main():
    client = Flowise(base_url=ORIGIN)
    (whole,) = client.create_prediction(PredictionData(chatflowId=FLOW, question=QUESTION, streaming=False))
    assert "Paris" in whole["text"], whole
    assert whole["question"] == QUESTION and whole["chatId"] and whole["chatMessageId"], whole
    passed(f"a whole answer: {whole['text'].strip()}")

    asked = PredictionData(chatflowId=FLOW, question=QUESTION, streaming=True)
    events = [json.loads(it) for it in client.create_prediction(asked)]
    names = [it["event"] for it in events]
    assert names[:2] == ["start", "token"] and names[-2:] == ["metadata", "end"], names
    pieces = [it["data"] for it in events if it["event"] == "token"]
    assert len(pieces) > 2, f"an answer of {len(pieces)} pieces is not streamed"
    assert "".join(pieces) == whole["text"], pieces
    passed(f"the same answer in {len(pieces)} pieces")


if __name__ == "__main__":
    main()
