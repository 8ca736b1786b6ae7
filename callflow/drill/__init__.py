"""Drills of the safe flow: the same caller through the engine and through the compiled flow, on one Asterisk.

`calls.DrillCalls` places the calls, `compare` says where they differ, `report` runs a flow's own test cases. No queue
is joined, no agent rung, nothing recorded, no log written that statistics read (asterisk-config/extensions/drill.conf).
"""
