"""The Asterisk Manager Interface: the only package that imports panoramisk."""

from ivr.ami.client import AmiClient
from ivr.ami.link import LinkState

__all__ = ["AmiClient", "LinkState"]
