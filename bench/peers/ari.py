"""The ARI peer: the shortest honest program a user would write with aiohttp."""

from __future__ import annotations

import asyncio
import sys

import aiohttp


async def main(port: int, password: str) -> None:
    base, auth = f"http://127.0.0.1:{port}/ari", aiohttp.BasicAuth("bench", password)
    async with aiohttp.ClientSession(auth=auth, connector=aiohttp.TCPConnector(limit=0)) as http:

        async def post(path: str, **query: str) -> None:
            async with http.post(f"{base}/channels/{path}", params=query):
                pass

        async def handle(event: dict[str, object]) -> None:
            kind, channel = event["type"], (event.get("channel") or {}).get("id", "")  # type: ignore[attr-defined]
            if kind == "StasisStart":
                await post(f"{channel}/answer")
                await post(f"{channel}/play/first-{channel}", media="sound:bench/first")
            elif kind == "ChannelDtmfReceived":
                async with http.delete(f"{base}/playbacks/first-{channel}"):
                    pass
                await post(f"{channel}/play/second-{channel}", media="sound:bench/second")
            elif kind == "PlaybackFinished" and event["playback"]["id"].startswith("second-"):  # type: ignore[index]
                channel = event["playback"]["id"].removeprefix("second-")  # type: ignore[index]
                async with http.delete(f"{base}/channels/{channel}"):
                    pass

        tasks: set[asyncio.Task[None]] = set()
        async with http.ws_connect(f"{base}/events", params={"app": "bench"}) as socket:
            print("ready", flush=True)
            async for message in socket:
                task = asyncio.create_task(handle(message.json()))
                tasks.add(task)
                task.add_done_callback(tasks.discard)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
