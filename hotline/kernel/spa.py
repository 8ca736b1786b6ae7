"""Serves the built web pages: fingerprinted assets are cached indefinitely, index.html never."""

from __future__ import annotations

from pathlib import Path

from aiohttp import hdrs, web

_FOREVER = "public, max-age=31536000, immutable"
_NEVER = "no-cache"


def serve_web_build(app: web.Application, dist: Path) -> None:
    """Serve the files of `dist` at /, and index.html for every other GET outside /api.

    Add it last. The folder is read at each request, so a build may come or change while the service runs.
    """
    pages = _Pages(dist)
    app.router.add_get("/{path:.*}", pages.serve)


class _Pages:
    def __init__(self, dist: Path) -> None:
        self._dist = dist

    async def serve(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if path == "api" or path.startswith("api/"):
            raise web.HTTPNotFound
        if (found := self._file(path)) is not None:
            asset = found.is_relative_to(self._root / "assets")
            return web.FileResponse(found, headers={hdrs.CACHE_CONTROL: _FOREVER if asset else _NEVER})
        if path.startswith("assets/"):  # an old page asking for an asset of the last build must not get HTML
            raise web.HTTPNotFound
        if (index := self._file("index.html")) is None:
            text = "The web pages are not built. Run `make web`, or install a package that has them."
            return web.Response(status=503, text=text, headers={hdrs.CACHE_CONTROL: _NEVER})
        return web.FileResponse(index, headers={hdrs.CACHE_CONTROL: _NEVER})

    @property
    def _root(self) -> Path:
        return self._dist.resolve()

    def _file(self, path: str) -> Path | None:
        """The file inside the build, or None; a way out of the folder leads nowhere."""
        if "\0" in path:
            return None
        try:
            found = (self._root / path).resolve()
            hidden = any(part.startswith(".") for part in found.relative_to(self._root).parts)
            return found if found.is_file() and not hidden else None
        except (OSError, ValueError):
            return None
