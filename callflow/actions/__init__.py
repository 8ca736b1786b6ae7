"""The actions a call flow is made of; `_template.py` shows how to write one."""
