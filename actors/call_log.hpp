#pragma once

#include "actors/messages.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mcp {

/// What failed upstream during one call, by kind: "api:status_503*2,trace:dns".
class trouble_tally {
public:
  void add(const upstream_trouble& t);
  /// Adds what `add` was given to the notes of the call's end.
  void write_to(call_notes& notes) const;

private:
  struct kind {
    std::string what;
    int times = 0;
  };
  std::vector<kind> kinds_; // at most a dozen
  bool for_operator_ = false;
};

/// The log's line about one call's end. Texts without blanks, none of them
/// anybody's data: no argument, no URI, no name of the client's.
struct call_line {
  std::string_view head = "call"; // or "task"
  std::string_view subject;       // "tool", "prompt", "resource", "completion"
  std::string_view label;         // the tool's name, ...
  std::string request;            // connection and post: "17.3"
  std::string_view session = {};  // the id's first characters; empty: none
  std::string_view outcome;       // "ok", or the error's code
  std::optional<std::chrono::steady_clock::duration> took = {};
  const call_notes* notes = nullptr; // null: none
};

/// Writes "call tool=... request=... outcome=... ms=... upstream=...": at
/// `error` when the call met a fault of ours, at `warning` when the operator
/// has to put something right, else at `info`.
void log_call(const call_line& line);

} // namespace mcp
