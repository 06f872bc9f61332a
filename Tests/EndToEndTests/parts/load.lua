-- wrk as visitors who look at every answer: how many of which status there were, and how many never came.

local threads = {}

function setup(thread)
    table.insert(threads, thread)
end

function init()
    answers = {} -- global, so that `done` can read it
end

function response(status)
    answers[status] = (answers[status] or 0) + 1
end

function done(summary)
    local total = {}
    for _, thread in ipairs(threads) do
        for status, count in pairs(thread:get("answers")) do
            total[status] = (total[status] or 0) + count
        end
    end
    local errors = summary.errors
    io.write(string.format('{"none": %d', errors.connect + errors.read + errors.write + errors.timeout))
    for status, count in pairs(total) do
        io.write(string.format(', "%d": %d', status, count))
    end
    io.write("}\n")
end
