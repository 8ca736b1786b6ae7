"""The published call flow as plain dialplan, which serves callers while the service is away."""

from callflow.compile.safe_flow import compile_safe_flow, mark_of

__all__ = ["compile_safe_flow", "mark_of"]
