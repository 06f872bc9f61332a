/// The reference of all keys in Markdown, made from the schemas.
package enum ConfigReference {
    package static var daemon: String {
        section(.daemon, defaults: DaemonSettings()) + "\n" + section(.tunnel, defaults: TunnelConfig.unread("NAME"))
    }

    package static var relay: String {
        section(.relay, defaults: RelaySettings()) + "\n"
            + section(.host, defaults: HostConfig(pattern: "", tokens: []))
    }

    private static func section<Target>(_ schema: TableSchema<Target>, defaults: Target) -> String {
        let rows = schema.keys.map { key in
            "| `\(key.name)` | \(key.form) | \(defaultText(of: key, in: defaults)) | \(key.doc) |\n"
        }
        return "### `\(schema.title)`\n\n\(schema.doc)\n\n| Key | Value | Default | Meaning |\n|---|---|---|---|\n"
            + rows.joined()
    }

    private static func defaultText<Target>(of key: Key<Target>, in defaults: Target) -> String {
        if key.neededAs != nil { return "must be written" }
        return key.byDefault ?? key.text(defaults).map { "`\($0)`" } ?? ""
    }
}
