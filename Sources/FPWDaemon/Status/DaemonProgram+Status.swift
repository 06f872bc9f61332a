import FPWConfig
import FPWService
import FPWTransport

extension DaemonProgram {
    /// Prints the running daemon's tunnels.
    ///
    /// - Parameters:
    ///   - file: where its admin listener's address stands; nil: the default file, or the default address.
    ///   - watches: prints them again every second, until the process is ended.
    package static func status(configFile file: String?, isJSON: Bool, watches: Bool) async -> Int32 {
        ProcessSetup.prepare()
        return await exitStatus {
            let address = try adminAddress(file)
            repeat {
                let status = await printStatus(address, isJSON: isJSON, clears: watches && Console.isTerminal)
                guard watches else { return status }
                try await Task.sleep(for: .seconds(1))
            } while true
        }
    }

    /// Whether the running daemon serves visitors on every tunnel; says what is missing.
    package static func ready(configFile file: String?) async -> Int32 {
        ProcessSetup.prepare()
        return await exitStatus {
            let address = try adminAddress(file)
            guard let answer = await ask(address, "/readyz", accept: "text/plain") else { return .unavailable }
            guard answer.status != 200 else { return .success }
            Console.complain("fpwd: not ready:\n" + answer.text)
            return .unavailable
        }
    }

    private static func adminAddress(_ file: String?) throws(ConfigErrors) -> ListenAddress {
        guard let file = file ?? (hasDefaultFile ? defaultFile : nil) else { return DaemonSettings().adminListen }
        return try load(file).config.daemon.adminListen
    }

    private static func printStatus(_ address: ListenAddress, isJSON: Bool, clears: Bool) async -> ExitStatus {
        let answer = await ask(address, "/status", accept: isJSON ? "application/json" : "text/plain")
        // ECMA-48: the cursor to the first line, the screen empty.
        let clear = clears ? "\u{1B}[H\u{1B}[2J" : ""
        guard let answer else { return .unavailable }
        Console.say(clear + answer.text)
        return answer.status == 200 ? .success : .unavailable
    }

    /// Nil where nobody answers; says so.
    private static func ask(_ address: ListenAddress, _ path: String, accept: String) async -> AdminQuery.Answer? {
        do {
            return try await AdminQuery(address, path: path).get(accept: accept)
        } catch {
            Console.complain("fpwd: no fpwd answers at admin_listen = \"\(address)\": \(error)")
            return nil
        }
    }
}

extension AdminQuery.Answer {
    fileprivate var text: Substring {
        body.hasSuffix("\n") ? body.dropLast() : body[...]
    }
}
