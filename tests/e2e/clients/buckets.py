"""Files of chats and document stores, which lie in a bucket.

Usage: buckets.py ORIGIN [FOLDER], where FOLDER is what the bucket's server keeps on its disk.
"""

import base64
import http.cookiejar
import json
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request

ORIGIN, *FOLDER = sys.argv[1:]
API = f"{ORIGIN}/api/v1"
PERSON = {"name": "Ada", "email": "ada@example.com", "credential": "Correct-Horse-1"}
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def passed(text):
    print(f"ok   {text}", flush=True)


def request(path, data=None, method=None, kind="application/json"):
    headers = {"content-type": kind, "x-request-from": "internal"}
    asked = urllib.request.Request(API + path, data, headers, method=method)
    try:
        with opener.open(asked, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


def made(path, body=None, method=None):
    data = None if body is None else json.dumps(body).encode()
    status, answer = request(path, data, method)
    assert status in (200, 201), (path, status, answer)
    return json.loads(answer)


def objects(count):
    """The keys in the bucket, where its server keeps one file for each."""
    if not FOLDER:
        return
    kept = [it for it in pathlib.Path(FOLDER[0]).rglob("*_object") if it.is_file()]
    assert len(kept) == count, (count, kept)


def chats():
    """A file that came with a question, by its name, until its flow is deleted."""
    config = json.dumps({"fullFileUpload": {"status": True, "allowedUploadFileTypes": "text/plain"}})
    data = json.dumps({"nodes": [], "edges": []})
    flow = made("/chatflows", {"name": "f", "type": "CHATFLOW", "flowData": data, "chatbotConfig": config})["id"]
    for name in ("größe 100%.txt", "b+c&d=e.txt"):
        form = (
            f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
            "Content-Type: text/plain\r\n\r\nDarjeeling\r\n--x--\r\n"
        )
        kind = "multipart/form-data; boundary=x"
        status, answer = request(f"/attachments/{flow}/chat-1", form.encode(), kind=kind)
        assert status == 200 and json.loads(answer)[0]["content"] == "Darjeeling", (status, answer)
        query = urllib.parse.urlencode({"chatflowId": flow, "chatId": "chat-1", "fileName": name})
        status, answer = request(f"/get-upload-file?{query}")
        assert (status, answer) == (200, b"Darjeeling"), (name, status, answer)
    objects(2)
    query = urllib.parse.urlencode({"chatflowId": flow, "chatId": "chat-1", "fileName": "none.txt"})
    status, answer = request(f"/get-upload-file?{query}")
    assert status == 404, (status, answer)
    passed("files of a chat are written, fetched again, and missed where there is none")
    made(f"/chatflows/{flow}", method="DELETE")
    objects(0)
    passed("they go with their flow")


def stores():
    """Files of loaders, of one that is large too, until their store is deleted."""
    store = made("/document-store/store", {"name": "Teas", "description": ""})["id"]
    for size in (10, 6_000_000):
        content = base64.b64encode(b"a tea and " * (size // 10)).decode()
        config = {"txtFile": json.dumps([f"data:text/plain;base64,{content},filename:teas.txt"])}
        form = {"storeId": store, "loaderId": "textFile", "loaderName": "Text File", "loaderConfig": config}
        loader = made("/document-store/loader/save", form)["id"]
        for _ in ("from the form", "from the bucket"):
            chunks = made(f"/document-store/loader/process/{loader}", {"storeId": store, "id": loader})
            assert chunks["file"]["totalChars"] == size, chunks["file"]
    objects(2)
    passed("files of loaders are written and loaded again from the bucket")
    made(f"/document-store/store/{store}", method="DELETE")
    objects(0)
    passed("they go with their store")


made("/account/register", {"user": PERSON})
made("/auth/login", {"email": PERSON["email"], "password": PERSON["credential"]})
chats()
stores()
