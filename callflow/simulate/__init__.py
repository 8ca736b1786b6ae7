"""Simulate: a typed caller goes through a flow, in no time and without a telephone.

    call = await simulate(flow, SimulatedCaller(answers=["1"]), world)
    call.nodes, call.person_at, call.ended_by

`run.simulate` is the engine's own code over `telephone`; `cases.run_tests` runs the test cases kept with a flow.
Nothing is imported here: the models are lint's as well, and `run` knows lint's `World`.
"""
