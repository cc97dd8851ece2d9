internal import CSystem
import Glibc
import Synchronization

/// Ctrl-C and its kin, counted: the first asks the run to drain, the second ends the process at once, but for
/// its spill directories: those go first.
public enum Interrupts {
  private static let count = Atomic<Int>(0)
  private static let last = Atomic<Int32>(0)

  /// From now on SIGINT, SIGTERM and SIGHUP are counted; a second one ends the process with 128 + its number, once the
  /// directories that asked for it are removed; a third one does not wait for that.
  ///
  /// They are let through, too: a program that was started from a thread with blocked signals has inherited the block.
  /// Call it before there are other threads.
  public static func install() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    defer { pthread_sigmask(SIG_UNBLOCK, &signals, nil) }
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        Interrupts.last.store(number, ordering: .relaxed)
        let count = Interrupts.count.add(1, ordering: .relaxed).newValue
        if count == 2 { glissade_remove_noted() }
        if count > 1 { _exit(128 + number) }
      }
      sigaction(number, &action, nil)
    }
    signal(SIGPIPE, SIG_IGN)
  }

  /// The signal that came, if one did.
  public static var received: Int32? {
    count.load(ordering: .relaxed) > 0 ? last.load(ordering: .relaxed) : nil
  }
}

/// Ends the process with a code.
///
/// Only the command line calls it.
public func exitProcess(_ code: Int32) -> Never { exit(code) }
