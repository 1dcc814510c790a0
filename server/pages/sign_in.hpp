#pragma once

#include "actors/authorization_pages.hpp"
#include "server/pages/html.hpp"

#include <string>

namespace mcp {

/// Which client asks for what, and the field for the key. `key_url` is where a
/// person finds theirs.
[[nodiscard]] std::string sign_in_page(const sign_in_view& view,
                                       const std::string& key_url);
/// Asks for the code that a device shows.
[[nodiscard]] std::string device_page(const device_view& view);
/// One thing happened, good or bad.
[[nodiscard]] std::string note_page(const note_view& view);

/// What is wrong with a field, to stand right after it; empty for no problem.
[[nodiscard]] html field_problem(const std::string& problem);
/// The attributes that tie a field to its problem, if it has one, and to the
/// help of this id; with a problem it also gets the focus.
[[nodiscard]] html field_state(bool has_problem, const char* help);

} // namespace mcp
