/// Facts about this build.
package enum FPWService {
    package static let version = "0.1.0"
}
