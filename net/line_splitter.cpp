#include "net/line_splitter.hpp"

#include <algorithm>
#include <utility>

namespace mcp::net {

namespace {
constexpr std::size_t padding = 64;
/// A buffer larger than this is not kept for the next line.
constexpr std::size_t keep_capacity = std::size_t{256} * 1024;
} // namespace

line_splitter::line_splitter(std::size_t max_line_bytes, callbacks on)
    : max_line_bytes_{max_line_bytes}, on_{std::move(on)} {}

bool line_splitter::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto piece = bytes.substr(0, end);
    if (!skipping_ && held_.size() + piece.size() > max_line_bytes_) {
      const auto begin = std::exchange(held_, {});
      skipping_ = true;
      if (!on_.on_too_long())
        return false;
      skip(begin, false);
    }
    const bool ends = end != std::string_view::npos;
    if (skipping_)
      skip(piece, ends);
    else if (!ends)
      hold(piece);
    if (!ends)
      return true;
    bytes.remove_prefix(end + 1);
    if (std::exchange(skipping_, false))
      continue;
    if (held_.empty() && bytes.size() >= padding) {
      if (!emit(piece))
        return false;
      continue;
    }
    hold(piece);
    const bool more = emit(held_);
    held_.clear();
    if (held_.capacity() > keep_capacity)
      held_ = {};
    if (!more)
      return false;
  }
  return true;
}

bool line_splitter::finish() {
  const std::string last = std::move(held_);
  held_.clear();
  if (skipping_)
    skip({}, true);
  return skipping_ || emit(last);
}

void line_splitter::skip(std::string_view piece, bool last) {
  if (on_.on_skipped)
    on_.on_skipped(piece, last);
}

void line_splitter::hold(std::string_view piece) {
  const auto needed = held_.size() + piece.size() + padding;
  if (needed > held_.capacity())
    held_.reserve(std::max(needed, 2 * held_.capacity()));
  held_ += piece;
}

bool line_splitter::emit(std::string_view line) {
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return line.empty() || on_.on_line(line);
}

} // namespace mcp::net
