/// An error that ends a program, and knows the status that says why. Its description is for the operator.
package protocol ProgramFailure: Error, CustomStringConvertible {
    var status: ExitStatus { get }
}

extension BindFailure: ProgramFailure {
    package var status: ExitStatus { .configuration }
}

/// Arguments that cannot be meant.
package struct UsageFailure: ProgramFailure {
    package let description: String
    package let status = ExitStatus.usage

    package init(_ description: String) { self.description = description }
}
