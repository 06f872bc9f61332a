extension ConfiguredProgram {
    /// Prints what the running program says of itself.
    ///
    /// - Parameter watches: prints it again every second, until the process is ended or nobody reads on.
    package func status(
        _ place: @autoclosure () throws -> AdminPlace, isJSON: Bool, watches: Bool
    ) async -> Int32 {
        ProcessSetup.prepare()
        return await exitStatus {
            let admin = address(try place())
            while true {
                let status = await printStatus(admin, isJSON: isJSON, redraws: watches && Console.isTerminal)
                guard watches else { return status }
                try await Task.sleep(for: .seconds(1))
                guard Console.hasReader else { return .success }
            }
        }
    }

    /// Prints the URL of the running program's status page, with its key.
    package func pageURL(_ place: @autoclosure () throws -> AdminPlace) async -> Int32 {
        ProcessSetup.prepare()
        return await exitStatus {
            let admin = address(try place())
            guard await ask(admin, "/healthz", accept: "text/plain") != nil else { return .unavailable }
            do throws(PageAddress.Failure) {
                Console.say(try urlOfPage(on: admin))
                return .success
            } catch {
                Console.complain("\(name): \(error)")
                return .unavailable
            }
        }
    }

    private func urlOfPage(on admin: ServerAddress) throws(PageAddress.Failure) -> String {
        switch AdminGuard.Reach(admin) {
        case .loopback: try PageAddress(program: name, address: admin).read()
        case .unix(let path): throw .needsNone(path)
        case .network: throw .notServed(admin)
        }
    }

    /// Whether the running program serves visitors; says what is missing.
    package func ready(_ place: @autoclosure () throws -> AdminPlace) async -> Int32 {
        ProcessSetup.prepare()
        return await exitStatus {
            let admin = address(try place())
            guard let answer = await ask(admin, "/readyz", accept: "text/plain") else { return .unavailable }
            guard answer.status != 200 else { return .success }
            Console.complain("\(name): not ready:\n\(TerminalText.clean(answer.text))")
            return .unavailable
        }
    }

    private func printStatus(_ admin: ServerAddress, isJSON: Bool, redraws: Bool) async -> ExitStatus {
        let answer = await ask(admin, "/status", accept: isJSON ? "application/json" : "text/plain")
        guard let answer else { return .unavailable }
        // Somebody else may answer. Escapes as in JSON's strings leave our own JSON what it is.
        let text = TerminalText.clean(answer.text)
        Console.say(redraws ? Self.redrawn(text) : text)
        return answer.status == 200 ? .success : .unavailable
    }

    /// Over what stands there, without a moment of nothing (ECMA-48): from the first line on, the rest of each line and of
    /// the screen empty.
    private static func redrawn(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return "\u{1B}[H" + lines.map { "\($0)\u{1B}[K" }.joined(separator: "\n") + "\n\u{1B}[J"
    }

    /// Nil where nobody answers; says so.
    private func ask(_ admin: ServerAddress, _ path: String, accept: String) async -> AdminQuery.Answer? {
        do throws(AdminQuery.Failure) {
            return try await AdminQuery(admin).get(path, accept: accept)
        } catch {
            Console.complain("\(name): no \(name) answers at admin_listen = \"\(admin)\": \(error)")
            return nil
        }
    }
}

extension AdminQuery.Answer {
    /// The body without its last line break.
    fileprivate var text: Substring {
        body.hasSuffix("\n") ? body.dropLast() : body[...]
    }
}
