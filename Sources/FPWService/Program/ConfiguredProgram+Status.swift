extension ConfiguredProgram {
    /// Prints what the running program says of itself.
    ///
    /// - Parameters:
    ///   - file: where its admin listener's address stands; nil: the default file, or the default address.
    ///   - watches: prints it again every second, until the process is ended.
    package func status(_ file: String?, isJSON: Bool, watches: Bool) async -> Int32 {
        ProcessSetup.prepare()
        return await exitStatus {
            let admin = try adminAddress(file)
            while true {
                let status = await printStatus(admin, isJSON: isJSON, clears: watches && Console.isTerminal)
                guard watches else { return status }
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Whether the running program serves visitors; says what is missing.
    package func ready(_ file: String?) async -> Int32 {
        ProcessSetup.prepare()
        return await exitStatus {
            let admin = try adminAddress(file)
            guard let answer = await ask(admin, "/readyz", accept: "text/plain") else { return .unavailable }
            guard answer.status != 200 else { return .success }
            Console.complain("\(name): not ready:\n\(answer.text)")
            return .unavailable
        }
    }

    private func adminAddress(_ file: String?) throws -> ServerAddress {
        guard let file = file ?? (hasDefaultFile ? defaultFile : nil) else { return defaultAdmin }
        return try read(file).admin
    }

    private func printStatus(_ admin: ServerAddress, isJSON: Bool, clears: Bool) async -> ExitStatus {
        let answer = await ask(admin, "/status", accept: isJSON ? "application/json" : "text/plain")
        guard let answer else { return .unavailable }
        // ECMA-48: the cursor to the first line, the screen empty.
        Console.say((clears ? "\u{1B}[H\u{1B}[2J" : "") + answer.text)
        return answer.status == 200 ? .success : .unavailable
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
