import FuzzClaims

/// The one that the command line names with `--target=…`, which libFuzzer passes over.
private let target: FuzzTarget = {
    let names = CommandLine.arguments.filter { $0.hasPrefix("--target=") }.map { $0.dropFirst(9) }
    guard let target = names.first.flatMap({ FuzzTarget(rawValue: String($0)) }) else {
        fatalError("name one of \(FuzzTarget.allCases.map { "--target=\($0)" })")
    }
    return target
}()

/// What libFuzzer calls with each input (https://llvm.org/docs/LibFuzzer.html). It tells a process that ends as a crash,
/// with its input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
    do throws(BrokenClaim) {
        try target.check(Array(UnsafeBufferPointer(start: data, count: count)))
        return 0
    } catch {
        fatalError(error.description)
    }
}
