#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace mcp::net {

/// Cuts a stream of bytes into lines. A line ends with LF or CRLF; empty lines
/// are skipped. At least 64 readable bytes follow each line. A line that lies
/// far enough inside of one piece is handed on without a copy.
class line_splitter {
public:
  struct callbacks {
    /// The view is good during the call. False: no more, please.
    std::function<bool(std::string_view line)> on_line;
    /// A line longer than allowed, called once for it, as soon as that is
    /// known. True: skip it and go on.
    std::function<bool()> on_too_long;
    /// When set, given the pieces of a line that is skipped, from its
    /// beginning; `last` with the one that ends it, which may be empty.
    std::function<void(std::string_view piece, bool last)> on_skipped = {};
  };

  line_splitter(std::size_t max_line_bytes, callbacks on);

  /// Takes the next piece. False when a callback gave false.
  bool feed(std::string_view bytes);
  /// The stream has ended: what is left is a line, too.
  bool finish();

private:
  void hold(std::string_view piece);
  void skip(std::string_view piece, bool last);
  bool emit(std::string_view line);

  std::size_t max_line_bytes_;
  callbacks on_;
  std::string held_; // the beginning of a line
  bool skipping_ = false;
};

} // namespace mcp::net
