import FPWConfig
import FPWTransport
import Testing

@testable import FPWDaemon

@Suite("Which service a visit goes to")
struct UpstreamChoiceTests {
    @Test(
        "an upstream that is up, or that nobody checks, is asked first, and then the fallback",
        arguments: [true, false])
    func up(hasFallback: Bool) {
        for whenDown in [nil, .page, .refuse] as [WhenDown?] {
            let choice = UpstreamChoice(hasFallback: hasFallback, whenDown: whenDown)
            #expect(choice.first(isDown: false) == .primary)
            #expect(choice.next(after: .primary) == (hasFallback ? .fallback : nil))
            #expect(choice.next(after: .fallback) == nil)
            #expect(!choice.refuses(isDown: false))
        }
    }

    @Test(
        "while it is down the fallback is asked; without one, when_down says what happens",
        arguments: [
            (true, nil, .fallback, false), (true, .page, .fallback, false), (true, .refuse, .fallback, false),
            (false, nil, .primary, false), (false, .page, nil, false), (false, .refuse, nil, true),
        ] as [(Bool, WhenDown?, UpstreamChoice.Target?, Bool)])
    func down(hasFallback: Bool, whenDown: WhenDown?, first: UpstreamChoice.Target?, refuses: Bool) {
        let choice = UpstreamChoice(hasFallback: hasFallback, whenDown: whenDown)
        #expect(choice.first(isDown: true) == first)
        #expect(choice.refuses(isDown: true) == refuses)
    }

    @Test("only a connection that could not be made sends a visit to the fallback")
    func unreachable() {
        #expect(TransferFailure.Kind.allCases.filter(\.meansUnreachable) == [.resolve, .connect, .timeout])
    }
}
