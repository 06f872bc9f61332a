/// The parts of a body that were written while the connection had no room for more, and who sent them: the sender is told
/// when there is room again, and sends no more before.
struct Undigested<Sender: AnyObject> {
    private var sender: Sender?
    private var parts = 0

    mutating func add(from sender: Sender) {
        if self.sender !== sender { parts = 0 }
        self.sender = sender
        parts += 1
    }

    /// Whom to tell, and for how many parts; nil where nobody waits.
    mutating func takeAll() -> (sender: Sender, parts: Int)? {
        defer { self = Undigested() }
        return sender.map { ($0, parts) }
    }
}
