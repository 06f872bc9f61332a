import Glibc

/// A pipe; its writing end stands for a terminal or a log's descriptor.
package final class Pipe: Sendable {
    private let readingEnd: Int32
    package let writingEnd: Int32

    package init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "no pipe can be made")
        (readingEnd, writingEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readingEnd)
        close(writingEnd)
    }

    /// What there is to read, waiting for something where there is nothing; "" after a minute.
    package func read() -> String {
        var wanted = pollfd(fd: readingEnd, events: Int16(POLLIN), revents: 0)
        guard poll(&wanted, 1, 60_000) == 1 else { return "" }
        return String(
            unsafeUninitializedCapacity: 65_536,
            initializingUTF8With: { max(0, Glibc.read(readingEnd, $0.baseAddress, $0.count)) })
    }

    /// Reads until `count` lines have come; fewer where no more come within a minute.
    package func readLines(_ count: Int) -> [String] {
        var text = ""
        while text.utf8.count(where: { $0 == UInt8(ascii: "\n") }) < count {
            let piece = read()
            if piece.isEmpty { break }
            text += piece
        }
        return text.split(separator: "\n").map(String.init)
    }
}
