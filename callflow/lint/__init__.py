"""Lint: what is wrong with a call flow, without saving or running it. Pure.

for finding in lint(text, world):
    print(finding.severity, finding.where, finding.message("zh"), finding.mend("zh"))
"""

from callflow.lint.check import lint
from callflow.lint.finding import Finding, Severity
from callflow.lint.world import PromptSound, World

__all__ = ["Finding", "PromptSound", "Severity", "World", "lint"]
