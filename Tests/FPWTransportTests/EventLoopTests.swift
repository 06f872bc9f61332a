import Testing

@testable import FPWTransport

@Suite("The event loop")
struct EventLoopTests {
    @Test("a task that prefers the loop stays on its thread, across waits and other executors' work")
    func placement() async throws {
        let places = try await onLoop { loop in
            var places = [loop.isOnThread]
            await Waiter(loop: loop).sleep(until: .now + .milliseconds(1))
            places.append(loop.isOnThread)
            await withCheckedContinuation { continuation in
                Task.detached { continuation.resume() }
            }
            places.append(loop.isOnThread)
            await callee(loop, &places)
            async let child = loop.isOnThread
            places.append(await child)
            return places
        }
        #expect(places == [true, true, true, true, true])
    }

    private func callee(_ loop: EventLoop, _ places: inout [Bool]) async {
        await Task.yield()
        places.append(loop.isOnThread)
    }

    @Test("work from other threads runs on the loop's thread, in each sender's order")
    func execute() async throws {
        let log = Log()
        try await onLoop { loop in
            await withTaskGroup { group in
                for sender in 0..<4 {
                    group.addTask(executorPreference: globalConcurrentExecutor) {
                        for number in 0..<500 {
                            loop.execute { log.add(sender: sender, number: number, isOnThread: loop.isOnThread) }
                        }
                    }
                }
            }
            await log.all(2000, on: loop)
        }
        #expect(log.isAllOnThread)
        for sender in 0..<4 { #expect(log.numbers[sender] == Array(0..<500)) }
    }

    @Test("an early deadline does not wait for a later one, set before or after it, and nobody wakes before his")
    func deadlines() async throws {
        let isOnTime = try await onLoop { loop in
            let (before, after) = (Unchecked(Waiter(loop: loop)), Unchecked(Waiter(loop: loop)))
            let start = Moment.now
            return await withTaskGroup(of: Bool.self) { group in
                group.addTask(executorPreference: loop) {
                    await before.value.sleep(until: start + .seconds(60))
                    return Moment.now < start + .seconds(60)
                }
                group.addTask(executorPreference: loop) {
                    let deadline = Moment.now + .milliseconds(5)
                    await Waiter(loop: loop).sleep(until: deadline)
                    before.value.fire()
                    after.value.fire()
                    return Moment.now >= deadline
                }
                group.addTask(executorPreference: loop) {
                    await after.value.sleep(until: start + .seconds(60))
                    return Moment.now < start + .seconds(60)
                }
                return await group.reduce(true) { $0 && $1 }
            }
        }
        #expect(isOnTime)
    }

    @Test("a deadline passes while a later and an earlier one are set")
    func changingDeadlines() async throws {
        let count = try await onLoop { loop in
            let waiter = Waiter(loop: loop)
            var count = 0
            for delay in [2, 1, 3, 1] where !(await waiter.wait(until: .now + .milliseconds(delay), for: { false })) {
                count += 1
            }
            return count
        }
        #expect(count == 4)
    }

    @Test("a waiter that was fired before anybody waits does not sleep, once")
    func firedBefore() async throws {
        let sleeps = try await onLoop { loop in
            let waiter = Waiter(loop: loop)
            waiter.fire()
            waiter.fire()
            await waiter.sleep(until: .distantFuture)
            let before = Moment.now
            await waiter.sleep(until: before + .milliseconds(5))
            return Moment.now >= before + .milliseconds(5)
        }
        #expect(sleeps)
    }

    @Test("a wait ends when its condition holds, not when it is merely fired")
    func condition() async throws {
        let looks = try await onLoop { loop in
            let waiter = Unchecked(Waiter(loop: loop))
            let looks = Unchecked(Counter())
            let holds = await waiter.value.wait {
                looks.value.count += 1
                if looks.value.count < 4 { loop.execute { waiter.value.fire() } }
                return looks.value.count == 4
            }
            return holds ? looks.value.count : 0
        }
        #expect(looks == 4)
    }

    @Test("a condition that holds already needs no time", arguments: [Moment(nanoseconds: 0), .distantFuture])
    func noTime(deadline: Moment) async throws {
        #expect(try await onLoop { loop in await Waiter(loop: loop).wait(until: deadline) { true } })
    }

    @Test("a deadline that has passed ends a wait at once")
    func passed() async throws {
        #expect(try await onLoop { loop in await Waiter(loop: loop).wait(until: .now) { false } } == false)
    }

    @Test("a loop that was shut down is gone, thread and all")
    func shutdown() throws {
        weak var gone: EventLoop?
        do {
            let loop = try EventLoop()
            gone = loop
            loop.shutdown()
        }
        #expect(gone == nil)
    }
}

private final class Counter { var count = 0 }

/// What only one thread uses, carried through a closure that must be `Sendable`.
private struct Unchecked<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}

/// Written on the loop's thread, read when the loop is gone.
private final class Log: @unchecked Sendable {
    private(set) var numbers: [Int: [Int]] = [:]
    private(set) var isAllOnThread = true
    private var count = 0

    func add(sender: Int, number: Int, isOnThread: Bool) {
        numbers[sender, default: []].append(number)
        isAllOnThread = isAllOnThread && isOnThread
        count += 1
    }

    /// Waits, on the loop, until so many have come.
    func all(_ expected: Int, on loop: EventLoop) async {
        while count < expected {
            await withCheckedContinuation { continuation in loop.execute { continuation.resume() } }
        }
    }
}
