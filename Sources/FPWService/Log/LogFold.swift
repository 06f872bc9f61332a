/// Folds complaints that repeat: the first few of a kind are written, those after them are counted for the rest of the minute.
struct LogFold {
    /// What makes two complaints the same: their causes may differ in details.
    struct Kind: Hashable, Sendable {
        let level: Level
        let logger: String
        let message: String
        /// The tunnel that it is about.
        var tunnel: String?
    }

    /// What is folded; less is no complaint, and more is never left out.
    enum Level: Hashable, Sendable { case warning, error }

    struct Summary: Equatable, Sendable {
        let kind: Kind
        let count: Int
        let seconds: Int

        var message: String { "\(kind.message) … \(count) times in \(seconds) s" }
    }

    private struct Count {
        let began: Int
        var seen = 1
        var folded: Int { max(0, seen - LogFold.written) }
    }

    /// Lines of one kind that are written in a window.
    static let written = 5
    /// In microseconds.
    static let window = 60_000_000
    /// Kinds that are remembered; what comes beyond is written.
    static let kinds = 256

    private var counts: [Kind: Count] = [:]

    /// Whether the complaint is written; otherwise it is counted.
    ///
    /// - Parameter now: in microseconds of a clock that never jumps; `due` was asked at this moment.
    mutating func admits(_ kind: Kind, at now: Int) -> Bool {
        guard counts[kind] != nil else {
            if counts.count < Self.kinds { counts[kind] = Count(began: now) }
            return true
        }
        counts[kind]?.seen += 1
        return counts[kind]?.folded == 0
    }

    /// Ends the windows whose time is over, or all of them; returns what was folded in them.
    mutating func due(at now: Int, all: Bool = false) -> [Summary] {
        var summaries: [Summary] = []
        for (kind, count) in counts where all || count.began + Self.window <= now {
            counts[kind] = nil
            guard count.folded > 0 else { continue }
            let seconds = max(1, (now - count.began) / 1_000_000)
            summaries.append(Summary(kind: kind, count: count.folded, seconds: seconds))
        }
        return summaries
    }

    /// When the first window ends in which something was folded.
    var nextDue: Int? {
        counts.values.filter { $0.folded > 0 }.map { $0.began + Self.window }.min()
    }
}
