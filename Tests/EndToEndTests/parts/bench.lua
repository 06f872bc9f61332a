-- wrk without a look at each answer, which would slow it down: only what it counted, as JSON.

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"answers": %d, "errors": %d, "broken": %d, "seconds": %.6f, "p50": %.4f, "p99": %.4f}\n',
        summary.requests,
        errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        summary.duration / 1e6,
        latency:percentile(50) / 1e3,
        latency:percentile(99) / 1e3
    ))
end
