"""Vectors in a library from PyPI: what to build and to search costs there.

Usage: vectors.py hnswlib|chroma FILE, where FILE is what flowstone-bench wrote. One line of JSON.
"""

import gc
import json
import statistics
import struct
import sys
import tempfile
import time

import numpy

BATCH = 500


def memory():
    with open("/proc/self/status") as status:
        line = next(it for it in status if it.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def hnswlib_store(count, dimension):
    import hnswlib

    index = hnswlib.Index("cosine", dimension)
    index.init_index(count, M=16, ef_construction=128)
    index.set_ef(64)
    index.set_num_threads(1)
    return index.add_items, lambda query, k: index.knn_query(query, k=k)[0][0].tolist()


def chroma_store(count, dimension):
    import chromadb

    settings = chromadb.config.Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(tempfile.mkdtemp(), settings)
    store = client.create_collection("bench", metadata={"hnsw:space": "cosine"}, embedding_function=None)

    def add(vectors, ids):
        texts = [f"The text of document {it}." for it in ids]
        store.add(ids=[str(it) for it in ids], embeddings=vectors, documents=texts)

    def search(query, k):
        return [int(it) for it in store.query(query_embeddings=[query], n_results=k)["ids"][0]]

    return add, search


def main():
    kind, path = sys.argv[1:]
    with open(path, "rb") as file:
        count, dimension, queries, k = struct.unpack("<4I", file.read(16))
        start = file.tell()
    read = lambda at, rows: numpy.fromfile(path, "<f4", rows * dimension, offset=start + 4 * at * dimension).reshape(rows, dimension)
    asked = read(count, queries)
    truth = numpy.fromfile(path, "<u4", queries * k, offset=start + 4 * (count + queries) * dimension).reshape(queries, k)
    add, search = {"hnswlib": hnswlib_store, "chroma": chroma_store}[kind](count, dimension)
    gc.collect()
    before, begin = memory(), time.process_time()
    for at in range(0, count, BATCH):
        rows = min(BATCH, count - at)
        add(read(at, rows), range(at, at + rows))
    build = time.process_time() - begin
    gc.collect()
    grown = memory() - before
    found, rounds = [], []
    for _ in range(5):
        begin = time.process_time()
        found = [search(query, k) for query in asked]
        rounds.append((time.process_time() - begin) * 1000 / queries)
    hits = sum(len(set(mine) & set(right.tolist())) for mine, right in zip(found, truth))
    print(json.dumps({
        "build_seconds": build,
        "query_milliseconds": statistics.median(rounds),
        "recall": hits / (queries * k),
        "bytes": grown,
    }))


main()
