"""How long callers may be kept from a person, and what flows may ask on the web."""

from __future__ import annotations

from pydantic import Field, SecretStr

from hotline.kernel.settings import Section


class FlowBudgets(Section):
    before_choice: float = Field(default=10, gt=0)
    """Seconds of prompts before the first menu begins."""
    menu: float = Field(default=15, gt=0)
    """Seconds of a menu's own prompt."""
    prompt: float = Field(default=20, gt=0)
    """Seconds of any other prompt."""
    menu_depth: int = Field(default=2, ge=1)
    """Menus to pass on the shortest way to another one, that one included."""
    quickest_person: float = Field(default=10, gt=0)
    """Seconds to a person for a caller who presses keys at once."""
    slowest_person: float = Field(default=150, gt=0)
    """Seconds to a person on the longest way, all prompts heard out, all patience used, each loop once."""
    advertising_words: tuple[str, ...] = (
        *("优惠", "促销", "打折", "特价", "抽奖", "免费领取", "限时", "会员", "扫码关注", "下载APP", "关注公众号"),
        *("discount", "promotion", "special offer", "sponsored", "lottery", "follow us", "download our app"),
    )
    """Not allowed in any prompt (DB1503/T 0019: no advertising before a person answers)."""


class FlowHttpSettings(Section):
    """What the action `http` may ask."""

    inside_hosts: tuple[str, ...] = ()
    """Hosts, by name or address, that may be inside, and may be asked without TLS."""
    secret: SecretStr = SecretStr("")
    """Signs each request, as webhooks are signed; "": unsigned."""
