/// Why something is no value of its kind: a predicate that follows the value in a message, `is outside 1…1024`.
package struct InvalidValue: Error, Sendable, Equatable {
    package let reason: String
    /// The value may hold a secret, or says nothing: messages leave it out.
    package let hidesValue: Bool

    package init(_ reason: String, hidesValue: Bool = false) {
        self.reason = reason
        self.hidesValue = hidesValue
    }
}

/// Checks a value against its bounds.
func check<Value: Comparable>(
    _ value: Value, within range: ClosedRange<Value>, shownBy show: (Value) -> String
) throws(InvalidValue) {
    guard !range.contains(value) else { return }
    throw InvalidValue("is outside \(show(range.lowerBound))…\(show(range.upperBound))")
}
