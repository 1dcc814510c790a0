#pragma once

#include "protocol/jsonrpc/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mcp::jsonrpc {

/// Looks for the id of one message that is too large, too deep or too odd to be
/// read, so that a request is refused under its id and a notification not at
/// all. Takes the text in pieces, keeps a few bytes of it, and checks no more
/// JSON than it needs to find its way.
class id_finder {
public:
  /// Takes the next piece of the text.
  void feed(std::string_view piece);

  /// Whether all of the text was one object that has a "method" and no "id".
  [[nodiscard]] bool is_notification() const;
  /// The message's id; empty when it has none that could be found, or one of
  /// more than `reader_limits::max_id_bytes`.
  [[nodiscard]] std::optional<request_id> id() const;

private:
  void take(char c);
  void end_of_member();

  int depth_ = 0;
  bool is_object_ = false; // the text began with '{'
  bool began_ = false, ended_ = false, odd_ = false;
  bool in_text_ = false, escaped_ = false;
  bool at_value_ = false;    // behind the ':' of an outermost member
  std::string name_, value_; // of that member; the value only of "id"
  std::string id_;
  bool has_id_ = false, has_method_ = false;
};

} // namespace mcp::jsonrpc
