"""The relay is stopped, and finishes what it has handed over."""

import signal

from harness.load import Load


def test_a_relay_that_is_stopped_finishes_what_it_handed_over(fault, apart, upstream):
    path = apart(workers=10)
    with fault("relay stopped with SIGTERM under load") as row:
        with Load(path.visitor, upstream, visitors=20, takes=0.1) as load:
            relay = path.relay
            for _ in range(3):
                load.some_more()
                relay.signal(signal.SIGTERM)
                assert relay.exit_code() == 0
                relay = path.start_relay_again()
            load.some_more()
        row.measured("handed over", len(load.seen))
        row.measured("lost", load.lost_of_those_handed_over, at_most=0)
        row.measured("duplicated", load.duplicated, at_most=0)
        print(load.summary())
