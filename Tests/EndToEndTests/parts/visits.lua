-- wrk's side of a count: each thread asks for /page and for /missing in turn, says so after 250 answers, and stops.
-- With a single connection to each thread nothing is under way then, so that every request has been counted.

local threads = {}
local asked, answered = 0, 0

function setup(thread)
    table.insert(threads, thread)
end

function init()
    answers = {} -- global, so that `done` can read it
end

function request()
    asked = asked + 1
    return wrk.format("GET", asked % 2 == 0 and "/missing" or "/page")
end

function response(status)
    answered = answered + 1
    answers[tostring(status)] = (answers[tostring(status)] or 0) + 1
    if answered == 250 then
        io.stderr:write("a thread has all its answers\n")
        wrk.thread:stop()
    end
end

function done(summary)
    local total = {}
    for _, thread in ipairs(threads) do
        for status, count in pairs(thread:get("answers")) do
            total[status] = (total[status] or 0) + count
        end
    end
    io.write(string.format('{"requests": %d', summary.requests))
    for status, count in pairs(total) do
        io.write(string.format(', "%s": %d', status, count))
    end
    io.write("}\n")
end
