extension TableSchema<TunnelConfig> {
    /// Who may visit, and what may be asked for.
    static let accessKeys: [Key<TunnelConfig>] = [
        Key(
            "allow", \.access.allow, .list(of: .addressRange, "an array of addresses and networks"),
            byDefault: "everyone", "Visitors from elsewhere, or whose address the relay does not tell, get 403."
        ),
        Key(
            "deny", \.access.deny, .list(of: .addressRange, "an array of addresses and networks"),
            byDefault: "nobody", "Visitors from there get 403, also those that `allow` names."
        ),
        Key(
            "methods", \.access.methods, .list(of: .method, "an array of methods"), byDefault: "all",
            "Others get 405; GET admits HEAD."
        ),
        Key(
            "paths", \.access.paths, .list(of: .pathPrefix, "an array of paths"), byDefault: "all",
            "What is below none of them, by whole segments, gets 404."
        ),
        Key(
            "basic_auth_file", \.access.passwords, .passwordFile, byDefault: "none",
            "Users and hashed passwords, as htpasswd -B writes them: who does not know one gets 401."
        ),
        Key(
            "rate_limit", \.access.rateLimit, .rate, byDefault: "none",
            "Requests of one address; more get 429."
        ),
    ]
}
