"""The FastAGI peer: the shortest honest program a user would write with asyncio alone."""

from __future__ import annotations

import asyncio
import sys


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async def command(text: bytes) -> bytes:
        writer.write(text + b"\n")
        return await reader.readline()

    try:
        while (await reader.readline()).strip():
            pass
        await command(b"ANSWER")
        await command(b"GET DATA bench/first 5000 1")
        await command(b'STREAM FILE bench/second ""')
        await command(b"HANGUP")
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main(port: int) -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=1000)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
