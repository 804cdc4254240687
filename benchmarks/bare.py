"""The loop that anybody would write: `python -m benchmarks.bare BASE TOKEN ZIP COUNT`, prints its seconds.

Posts the first texts of an archive one after the other with Mastodon.py; keeps no record of anything.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
import uuid
import zipfile

from mastodon import Mastodon

from benchmarks.floor import tweets


def main() -> int:
    base, token, source, count = sys.argv[1:5]
    with zipfile.ZipFile(source) as archive:
        texts = [tweet.full_text for tweet in itertools.islice(tweets(archive), int(count))]
    client = Mastodon(api_base_url=base, access_token=token, ratelimit_method="throw")
    client.account_verify_credentials()
    began, cpu = time.perf_counter(), time.process_time()
    for text in texts:
        client.status_post(text, visibility="unlisted", idempotency_key=str(uuid.uuid4()))
    print(json.dumps({"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
