import FPWMetrics
import Testing

@Suite struct LockedTests {
    @Test("changes from many tasks are all counted")
    func counts() async {
        let locked = Locked(0)
        await withDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<10_000 { locked.withLock { $0 += 1 } }
                }
            }
        }
        #expect(locked.withLock { $0 } == 80_000)
    }

    @Test("an error leaves the value changed and the lock free")
    func throwing() {
        struct Refused: Error, Equatable {}
        let locked = Locked([1])
        #expect(throws: Refused()) {
            try locked.withLock { value throws(Refused) in
                value.append(2)
                throw Refused()
            }
        }
        #expect(locked.withLock { $0 } == [1, 2])
    }
}
